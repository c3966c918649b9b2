//! REST: every Azure wire shape, sign-in, the routing table.
