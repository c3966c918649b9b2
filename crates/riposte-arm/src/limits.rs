//! How much a template may ask for. Azure's own limits where it has them, else bounds that keep hostile input from
//! taking the process down.

/// Iterations of one `copy` loop, as in Azure.
pub const COPY_COUNT_MAX: i64 = 800;
/// Resources that one file may give. Azure takes 800 a template; nested and content templates add up.
pub const RESOURCES_MAX: usize = 8_000;
/// Characters of one expression, as in Azure.
pub const EXPRESSION_LENGTH_MAX: usize = 24_576;
/// How deep calls and accesses may nest in one expression.
pub const EXPRESSION_DEPTH_MAX: usize = 64;
/// How deep evaluation may go: expressions, and the variables and parameters that they lead to.
pub const EVALUATION_DEPTH_MAX: usize = 256;
/// How deep a made value may nest.
pub const VALUE_DEPTH_MAX: usize = 128;
/// How deep templates may nest.
pub const TEMPLATE_DEPTH_MAX: usize = 8;
/// Bytes that all evaluation of one file may make.
pub const BYTES_MADE_MAX: usize = 64 << 20;
/// What every evaluated call and turn of a loop counts beside what it makes: it bounds time.
pub const BYTES_PER_STEP: usize = 64;
/// Entries of all `dependsOn` of one template, loops counted by their turns.
pub const DEPENDENCIES_MAX: usize = 1_000_000;
/// Arrays and objects that `union()` compares with each other.
pub const UNION_COMPARED_MAX: usize = 2_000;
/// Items of `range()`, as in Azure.
pub const RANGE_COUNT_MAX: i64 = 10_000;
/// Characters that `padLeft()` pads to.
pub const PAD_LENGTH_MAX: i64 = 16_384;
/// Diagnostics of one file; what comes after is not told.
pub const DIAGNOSTICS_MAX: usize = 500;
