"""Forms as data: data sets, elements, rules, layouts in TOML; loader, linter, messages."""
