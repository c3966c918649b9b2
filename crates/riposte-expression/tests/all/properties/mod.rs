//! What holds for every expression: printing it gives text that parses to the same tree, evaluating it never panics, what
//! comes out is within the bounds, and what is written can be read again.

mod bounds;
mod generate;
mod reading;
mod round_trips;
mod trees;
