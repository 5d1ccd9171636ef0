"""``emgmon replay``: a recording through the same analysis and window as a live session."""

from __future__ import annotations

import argparse
import math
import threading
from collections.abc import Callable, Sequence

from emgmon.cli import DONE, INCOMPLETE
from emgmon.cli.console import Interrupt, damage_said, narrate, say, show
from emgmon.live import Bridge, run_window, why_no_window
from emgmon.model import Event, SessionSummary
from emgmon.pipeline import Pipeline
from emgmon.runner import paced
from emgmon.runner import run as run_entries
from emgmon.storage.recording import Recording, read_recording

Sink = Callable[[Sequence[Event]], None]


def run(options: argparse.Namespace) -> int:
    """Play a recording in a window, or without one."""
    recording = read_recording(options.recording)
    reason = "" if options.headless else why_no_window()
    if reason:
        say(f"No window: {reason}. Going on without one.")
    if options.headless or reason:
        stop = threading.Event()
        with Interrupt(stop):
            summary = _play(recording, options.speed, narrate, stop)
    else:
        summary = _in_window(recording, options)
    torn = damage_said(recording)
    show(summary, as_json=options.json)
    return INCOMPLETE if torn else DONE


def _play(recording: Recording, speed: float, sink: Sink, stop: threading.Event) -> SessionSummary:
    entries = paced(recording, speed, stop) if math.isfinite(speed) else recording
    return run_entries(entries, Pipeline(), sink)


def _in_window(recording: Recording, options: argparse.Namespace) -> SessionSummary:
    summaries: list[SessionSummary] = []

    def work(bridge: Bridge, stop: threading.Event) -> None:
        summaries.append(_play(recording, options.speed, bridge.push, stop))
        bridge.finish(None, "The recording is over.")

    title = f"emgmon - {options.recording.name}"
    run_window(work, title=title, theme=options.theme, exit_when_done=options.exit_when_done)
    return summaries[0]
