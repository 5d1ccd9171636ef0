"""Says why no window can be opened here, without importing Qt.

Qt ends the whole process when its platform plugin does not start, so the question is put to a process of its own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from ctypes.util import find_library
from importlib.util import find_spec

PROBE_S = 10.0
PROBE = """
import sys
try:
    from PySide6.QtWidgets import QApplication
except ImportError as error:
    sys.exit("import: " + str(error))
QApplication([])
"""
ON_A_SCREEN = ("", "xcb", "wayland")
"""Values of QT_QPA_PLATFORM that want a display; ``offscreen`` and others do not."""


def why_no_window() -> str:
    """Return one sentence that says why no window can be opened, or nothing when it can."""
    if find_spec("PySide6") is None:
        return "PySide6 is not installed: run “pip install PySide6-Essentials”"
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0].partition(";")[0].partition("-")[0]
    displays = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.platform.startswith("linux") and platform in ON_A_SCREEN and not displays:
        return "there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set"
    try:
        done = subprocess.run(  # noqa: S603 - this very Python, and a constant
            [sys.executable, "-c", PROBE],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PROBE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"Qt did not open the display within {PROBE_S:.0f} s"
    return "" if done.returncode == 0 else _reason(done.stderr)


def _reason(stderr: str) -> str:
    """Find in Qt's last words what is missing."""
    missing = re.search(r"(lib[\w.+-]+\.so[.\d]*): cannot open shared object", stderr)
    if missing:
        return f"Qt cannot be loaded: the system library {missing[1]} is missing"
    wanted = re.search(r"lib(\S+) is needed", stderr)
    if wanted and find_library(wanted[1].rstrip(",0123456789")) is None:
        return f"Qt cannot open the display: the system library lib{wanted[1].rstrip(',')} is missing"
    refused = re.search(r"import: (.*)", stderr)
    if refused:
        return f"PySide6 cannot be imported: {refused[1]}"
    connect = re.search(r"could not connect to display ?(\S*)", stderr)
    if connect:
        return f"Qt could not connect to the display {connect[1]}".rstrip()
    words = [line for line in stderr.splitlines() if line.strip()]
    return f"Qt could not start: {words[0][:160]}" if words else "Qt could not start"
