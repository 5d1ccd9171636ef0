"""Where the packaged program begins.

It is also the Python that emgmon calls for work in a process of its own: to read files by libraries that may crash, to
see whether a window can be opened, and for the workers of a batch. It runs those three and no other code.
"""
# ruff: noqa: INP001 - PyInstaller reads a script

import multiprocessing
import runpy
import sys

from emgmon.cli import main
from emgmon.live.probe import PROBE

READER = "emgmon.storage.foreign.isolated"


def run() -> int:
    """Do what this process was started for."""
    multiprocessing.freeze_support()
    if sys.argv[1:4] == ["-P", "-m", READER]:
        del sys.argv[1:4]
        runpy.run_module(READER, run_name="__main__")
        return 0
    if sys.argv[1:] == ["-c", PROBE]:
        from PySide6.QtWidgets import QApplication  # noqa: PLC0415 - ends the process where there is no display

        QApplication([])
        return 0
    return main()


if __name__ == "__main__":
    sys.exit(run())
