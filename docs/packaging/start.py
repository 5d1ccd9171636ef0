"""Where the packaged program begins."""

import sys

from emgmon.cli import main

if __name__ == "__main__":
    sys.exit(main())
