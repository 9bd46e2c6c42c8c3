"""The rule language: parse, bind to a definition, evaluate in Decimal, explain in Vietnamese."""
