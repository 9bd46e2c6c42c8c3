"""Pure, frozen facts shared by every room: no I/O, no Excel library, no pandas."""
