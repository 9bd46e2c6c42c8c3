"""Checks of one return: one question per function, findings out, nothing raised; pure."""
