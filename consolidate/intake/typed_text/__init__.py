"""What people type into cells: numbers, days, old encodings, several answers in one text."""
