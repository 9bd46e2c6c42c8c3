"""Read one inbox file into returns: locate values and read their text."""
