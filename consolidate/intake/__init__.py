"""Bytes of one inbox file to returns: where values are and what their text means."""
