"""Forms that were typed anew: headers, official numbers and labels instead of our codes."""
