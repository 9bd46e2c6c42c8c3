"""What a command or a button does, whole; both entrances call these functions."""
