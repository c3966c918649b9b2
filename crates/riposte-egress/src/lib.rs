//! The one gate that opens sockets to the outside.
