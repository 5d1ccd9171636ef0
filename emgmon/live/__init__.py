"""The window; the only room where Qt is imported, and only when a window is really opened."""

from __future__ import annotations

from emgmon.live.app import run_window
from emgmon.live.bridge import Bridge, Ending
from emgmon.live.probe import why_no_window

__all__ = ["Bridge", "Ending", "run_window", "why_no_window"]
