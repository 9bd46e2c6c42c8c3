"""What the province knows: the roster, whose a file is, which of several files counts."""
