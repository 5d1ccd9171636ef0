"""``emgmon review``: a recording in the window: go anywhere in it, play it, compare its repetitions."""

from __future__ import annotations

import argparse

from emgmon.cli import DONE, FAILED
from emgmon.cli.console import say
from emgmon.live import settings_of, why_no_window
from emgmon.storage.recording import read_recording


def run(options: argparse.Namespace) -> int:
    """Open the window on its Review page until it is closed."""
    if options.recording is not None:
        read_recording(options.recording)  # a wrong file is told here, before there is a window
    reason = why_no_window()
    if reason:
        say(f"No window: {reason}. 'emgmon replay --headless' and 'emgmon report' need none.")
        return FAILED
    from emgmon.live.review_window import open_review  # noqa: PLC0415 - Qt only when a window is really opened

    sound = settings_of(options.sound, options.volume, fade=options.fade, windowed=True)
    open_review(options.recording, theme=options.theme, sound=sound)
    return DONE
