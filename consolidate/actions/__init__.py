"""What a command or a button does, whole, one file each; both entrances call these functions."""
