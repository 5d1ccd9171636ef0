"""``emgmon`` alone: the first window where there is a screen and somebody in front of it."""

from __future__ import annotations

import os
import sys

from emgmon.live import why_no_window

UNSEEN = ("offscreen", "minimal")
"""Qt's platforms that show nothing."""


def wanted() -> list[str] | None:
    """Ask in a window what is wanted; returns a command line, empty without an answer, None without a screen."""
    if not watched():
        return None
    from emgmon.live.start import ask_what  # noqa: PLC0415 - Qt only when a window is really opened

    return ask_what()


def watched() -> bool:
    """Say whether a window can be opened and somebody sits in front of it."""
    terminal = sys.stdout is None or sys.stdout.isatty()
    return terminal and os.environ.get("QT_QPA_PLATFORM", "") not in UNSEEN and not why_no_window()
