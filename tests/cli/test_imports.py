"""What a command waits for before it does anything: nothing heavy that it does not need."""

import subprocess
import sys

import pytest

SCIPY = ("scipy.signal", "scipy.stats", "scipy.special", "scipy.linalg", "scipy.ndimage", "scipy.fft")
WINDOW = ("PySide6", "pyqtgraph")
EXTRAS = ("numba", "dask", "pyarrow", "h5py")
DATABASE = ("sqlalchemy",)
PAGES = ("jinja2",)
NUMBERS = ("emgmon.metrics", "emgmon.pipeline", "emgmon.report")

UNNEEDED = {
    "info": (*SCIPY, *WINDOW, *EXTRAS, *DATABASE, *PAGES, *NUMBERS),
    "exercises": (*SCIPY, *WINDOW, *EXTRAS, *DATABASE, *PAGES, *NUMBERS),
    "trim": (*SCIPY, *WINDOW, *EXTRAS, *DATABASE, *PAGES, *NUMBERS),
    "export": (*SCIPY, *WINDOW, *EXTRAS, *DATABASE, *PAGES),
    "report": (*SCIPY, *WINDOW, *EXTRAS, *DATABASE, *PAGES),
    "replay": (*SCIPY, *WINDOW, *EXTRAS, *DATABASE),
    "demo": (*SCIPY, *WINDOW, *EXTRAS, *DATABASE),
    "live": (*SCIPY, *WINDOW, *EXTRAS, *DATABASE),
    "sessions": (*SCIPY, *WINDOW, *EXTRAS, *PAGES),
}

LOADED = """
import sys
from importlib import import_module
from emgmon.cli import build_parser
parser = build_parser()
if len(sys.argv) > 1:
    module = parser.parse_args(sys.argv[1:]).run.partition(":")[0]
    assert import_module(module).__name__ == module
print(*sys.modules)
"""
ARGUMENTS = {
    "info": ["a.mcap"],
    "trim": ["a.mcap", "-o", "b.mcap"],
    "export": ["a.mcap", "--to", "edf"],
    "report": ["a.mcap"],
    "replay": ["a.mcap"],
    "sessions": ["list"],
}


def loaded(*arguments):
    """Names of all modules that are there before a command with these arguments begins."""
    command = [sys.executable, "-c", LOADED, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ourselves
    return set(done.stdout.split())


def test_the_help_of_every_command_needs_nothing_of_others():
    found = loaded()
    assert not found & {"numpy", "scipy", *WINDOW, *EXTRAS, *DATABASE, *PAGES, *NUMBERS, "emgmon.model"}
    assert "emgmon.cli" in found


@pytest.mark.parametrize("command", UNNEEDED)
def test_a_command_begins_without_what_it_may_not_need(command):
    found = loaded(command, *ARGUMENTS.get(command, []))
    assert "emgmon.errors" in found
    assert not found & set(UNNEEDED[command])
