"""What the terminal shows while something runs: one line for each thing that happened."""

from __future__ import annotations

import json
import math
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import FrameType
from typing import Any, TypeVar

from emgmon.model import DeviceChanged, Entry, Event, Notice, Part, ReferenceTaken, RepClosed, SessionSummary, SetOpened
from emgmon.storage.recording import Recording

T = TypeVar("T")

MOST_DAMAGE = 3
"""Places of damage that the one line names."""


def say(text: str) -> None:
    """Print one line about what goes on; results go to stdout, this does not."""
    print(text, file=sys.stderr, flush=True)


def show(summary: SessionSummary, *, as_json: bool) -> None:
    """Print a summary to stdout."""
    from emgmon.report import session_json, session_text  # noqa: PLC0415 - only what shows a summary waits for it

    print(json.dumps(session_json(summary), indent=1, allow_nan=False) if as_json else session_text(summary))


def narrate(events: Sequence[Event]) -> None:
    """Print a line for each event that a person without a window wants to know."""
    for event in events:
        line = _LINES[type(event)](event) if type(event) in _LINES else ""
        if line:
            say(f"{getattr(event, 't_s', 0.0):7.1f} s  {line}")


def _device_line(event: DeviceChanged) -> str:
    if event.state == "lost":
        return f"{event.device} lost; looking for it"
    place = " and ".join(place.title for place in event.placements) or "no muscle assigned"
    battery = "" if event.battery_percent is None else f", battery {event.battery_percent} %"
    return f"{event.device} streams ({place}{battery})" if event.state == "streaming" else ""


def _reference_line(event: ReferenceTaken) -> str:
    from emgmon.report.tables import unit_text  # noqa: PLC0415 - as in `show`

    return "reference: " + (
        ", ".join(f"{r.placement.label} {r.level:.0f} {unit_text(r.unit)}" for r in event.references) or "none"
    )


def _rep_line(event: RepClosed) -> str:
    rep = event.summary
    share, hold_s = rep.value("share_glute", "hold"), rep.value("duration", "hold")
    return f"rep {rep.index}" + _part("glutes", 100 * share, "%") + _part("hold", hold_s, "s", 1)


def _part(name: str, value: float, unit: str, digits: int = 0) -> str:
    return "" if math.isnan(value) else f", {name} {value:.{digits}f} {unit}"


_LINES: dict[type[Any], Callable[[Any], str]] = {
    DeviceChanged: _device_line,
    Notice: lambda event: str(event.text),
    ReferenceTaken: _reference_line,
    SetOpened: lambda event: f"set {event.index}: {event.exercise_title}",
    RepClosed: _rep_line,
}


class Interrupt:
    """While this is open, the first Ctrl-C sets `stop`; a second one interrupts as usual."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._before: Any = None

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._on_signal)

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self._stop.is_set():
            raise KeyboardInterrupt
        self._stop.set()
        say("stopping; what was recorded is kept")


def with_progress(recording: Recording, what: str) -> Iterator[Entry]:
    """Yield a recording's entries, and show on a terminal how far it is once that takes longer than a second."""
    return _progress(recording, recording, what)


def runs_with_progress(recording: Recording, what: str) -> Iterator[Part]:
    """Yield a recording's entries, packets in columns, as an analysis takes them quicker; show how far it is."""
    from emgmon.runner.loops import load_for  # noqa: PLC0415 - as in `show`: most commands analyse nothing

    load_for(recording.path)
    return _progress(recording, recording.runs(), what)


def _progress(recording: Recording, parts: Iterable[T], what: str) -> Iterator[T]:
    began_s = shown_s = time.monotonic()
    on_terminal = sys.stderr.isatty()
    shown = False
    for part in parts:
        if on_terminal and time.monotonic() - shown_s > 0.2:
            shown_s = time.monotonic()
            if shown_s - began_s > 1.0:
                shown = True
                print(f"\r{what} {100 * recording.read_share:3.0f} %", end="", file=sys.stderr, flush=True)
        yield part
    if shown:
        print("\r" + " " * (len(what) + 6) + "\r", end="", file=sys.stderr, flush=True)


def damage_said(recording: Recording) -> bool:
    """Say on stderr, in one line, what of a recording could not be read; true when there was something."""
    shown, more = recording.damage[:MOST_DAMAGE], len(recording.damage) - MOST_DAMAGE
    if shown:
        rest = f"; and {more} more places ('emgmon verify' lists them)" if more > 0 else ""
        say(f"emgmon: {recording.path}: not whole: {'; '.join(shown)}{rest}")
    return bool(recording.damage)
