"""Read retyped forms: headers, official numbers and labels instead of our codes."""
