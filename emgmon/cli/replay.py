"""``emgmon replay``: a recording through the same analysis and window as a live session."""

from __future__ import annotations

import argparse
import math
import threading
from collections.abc import Callable, Sequence

from emgmon.cli import DONE, INCOMPLETE
from emgmon.cli.console import Interrupt, damage_said, narrate, say, show
from emgmon.cli.phone import phone_of
from emgmon.errors import RecordingError
from emgmon.live import Bridge, SoundSettings, heard, run_window, seen, settings_of, why_no_window
from emgmon.model import Event, SessionSummary
from emgmon.pipeline import Pipeline
from emgmon.runner import paced, shown_from
from emgmon.runner import run as run_entries
from emgmon.storage.recording import Recording, read_recording

Sink = Callable[[Sequence[Event]], None]


def run(options: argparse.Namespace) -> int:
    """Play a recording in a window, or without one."""
    recording = read_recording(options.recording)
    reason = "" if options.headless else why_no_window()
    if reason:
        say(f"No window: {reason}. Going on without one.")
    windowed = not options.headless and not reason
    followed = windowed and math.isfinite(options.speed)  # nobody can follow a whole recording in a second
    sound = settings_of(options.sound, options.volume, fade=options.fade, windowed=followed)
    if windowed:
        summary = _in_window(recording, options, sound)
    else:
        stop = threading.Event()
        phone, title = phone_of(options), _title(options)
        with Interrupt(stop), heard(narrate, sound, say) as told, seen(told, phone, title, say) as sink:
            summary = _play(recording, options, sink, stop)
    torn = damage_said(recording)
    show(summary, as_json=options.json)
    return INCOMPLETE if torn else DONE


def _play(recording: Recording, options: argparse.Namespace, sink: Sink, stop: threading.Event) -> SessionSummary:
    """Analyse from the first entry on, so that the numbers are those of the session; show from where asked."""
    if options.from_s:
        first_ns, last_ns = recording.span_ns()
        length_s = (last_ns - first_ns) * 1e-9
        if options.from_s >= length_s:
            raise RecordingError(f"{recording.path}: nothing from {options.from_s:g} s on; it is {length_s:.1f} s long")
        say(f"Analysing the first {options.from_s:g} s without showing them.")
    entries = paced(recording, options.speed, stop, options.from_s)
    return run_entries(entries, Pipeline(), shown_from(sink, options.from_s))


def _in_window(recording: Recording, options: argparse.Namespace, sound: SoundSettings) -> SessionSummary:
    summaries: list[SessionSummary] = []

    def work(bridge: Bridge, stop: threading.Event) -> None:
        summaries.append(_play(recording, options, bridge.push, stop))
        bridge.finish(None, "The recording is over.")

    leave, phone = options.exit_when_done, phone_of(options)
    run_window(work, title=_title(options), theme=options.theme, exit_when_done=leave, sound=sound, phone=phone)
    return summaries[0]


def _title(options: argparse.Namespace) -> str:
    return f"emgmon - {options.recording.name}"
