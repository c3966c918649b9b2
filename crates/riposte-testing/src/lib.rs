//! Test support: case runner, fakes, simulator, checkers.
