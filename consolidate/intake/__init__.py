"""Inbox to returns: the gate, the grid, where values are, what their text means."""
