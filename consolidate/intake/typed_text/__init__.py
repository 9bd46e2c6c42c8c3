"""Read what people type into cells: numbers, days, old encodings, conventions of a file."""
