"""A bounded fuzz job over intake: ``python -m tests.fuzz``, not part of the ordinary tests."""
