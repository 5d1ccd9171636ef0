"""Where the packaged program begins."""
# ruff: noqa: INP001 - PyInstaller reads a script

import sys

from emgmon.cli import main

if __name__ == "__main__":
    sys.exit(main())
