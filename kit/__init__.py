"""The offline kit for Windows: ``python -m kit`` builds one zip that installs without a network."""
