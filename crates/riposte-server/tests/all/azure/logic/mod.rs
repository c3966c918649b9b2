//! Microsoft.Logic 2019-05-01 as a whole: a table of its operations, and what their answers mean.

mod bed;
mod contents;
mod histories;
mod operations;
mod permissions;
mod workflows;
