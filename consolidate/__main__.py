"""``python -m consolidate`` is the same as ``consolidate``."""

import sys

from consolidate.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
