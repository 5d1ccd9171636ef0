"""The window; the only room where Qt is imported, and only when a window is really opened."""

from __future__ import annotations

from emgmon.live.app import run_window
from emgmon.live.bridge import Bridge, Ending
from emgmon.live.phone import PhoneSettings, seen
from emgmon.live.probe import why_no_window
from emgmon.live.sound import SoundSettings, heard, settings_of, why_no_sound

__all__ = [
    "Bridge",
    "Ending",
    "PhoneSettings",
    "SoundSettings",
    "heard",
    "run_window",
    "seen",
    "settings_of",
    "why_no_sound",
    "why_no_window",
]
