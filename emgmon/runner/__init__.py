"""Runs one source through one pipeline into its sinks; the only place where input and output meet the analysis."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from emgmon.model import Entry, Event, Frame, Notice, Part, SessionSummary, SignalSeen
from emgmon.runner.loops import load_for, worth

if TYPE_CHECKING:
    from emgmon.pipeline import Pipeline, Settings

Sink = Callable[[Sequence[Event]], None]

SWITCH_S = 0.0005
"""Python gives a waiting thread its turn after so long; with the usual 5 ms each of many calls to Qt waits for them."""


def analyse(
    entries: Iterable[Part], settings: Settings | None = None, *, raise_references: bool = False
) -> SessionSummary:
    """Analyse a whole recording at once.

    Where the person had a reference raised, all sets are computed with it in a second pass; entries that can be
    iterated only once have to be kept for that.

    Parameters
    ----------
    entries : iterable of Entry, or of Part
        As `emgmon.storage.recording.read_recording` yields them, any packets and marks in the order of arrival, or what
        `Recording.runs` yields: quicker.
    settings : Settings, optional
    raise_references : bool
        Take every offer to raise a maximal reference that sets went beyond, as if the person had.

    Returns
    -------
    SessionSummary
        The same as the live session gave, but for references raised in it.
    """
    from emgmon.pipeline import Pipeline  # noqa: PLC0415 - a window imports this package, and shows before it analyses

    first = _fed(entries, Pipeline(settings))
    raised = dict(first.accepted)
    if raise_references:
        for done in first.summary().sets:
            for item in done.exceeded:
                raised[item.placement] = max(item.level, raised.get(item.placement, 0.0))
    if not raised or isinstance(entries, Iterator):
        return first.summary()
    return _fed(entries, Pipeline(settings, raised)).summary()


def _fed(entries: Iterable[Part], pipeline: Pipeline) -> Pipeline:
    from emgmon.storage.recording import Recording  # noqa: PLC0415 - as in `analyse`

    if isinstance(entries, Recording):
        load_for(entries.path)
        entries = entries.runs()
    pipeline.take(worth(entries))
    pipeline.close()
    return pipeline


def run(entries: Iterable[Entry], pipeline: Pipeline, sink: Sink) -> SessionSummary:
    """Feed entries to a pipeline and its events to a sink until the entries end."""
    for entry in entries:
        events = pipeline.feed(entry)
        if events:
            sink(events)
    sink(pipeline.close())
    return pipeline.summary()


def paced(entries: Iterable[Entry], speed: float, stop: threading.Event, from_s: float = 0.0) -> Iterator[Entry]:
    """Yield entries at the pace at which they were recorded, until `stop` is set.

    Parameters
    ----------
    entries : iterable of Entry
    speed : float
        Times that pace; infinite for no waiting at all.
    stop : threading.Event
    from_s : float
        What came before this session time is yielded without waiting: an analysis needs it for the same numbers.
    """
    first_ns: int | None = None
    from_ns = began_s = 0.0
    pacing = False
    for entry in entries:
        if first_ns is None:
            first_ns = entry.host_ns
            from_ns = first_ns + from_s * 1e9
        if not pacing and entry.host_ns >= from_ns:
            pacing, began_s = True, time.monotonic()
        if pacing:
            wait_s = began_s + (entry.host_ns - from_ns) * 1e-9 / speed - time.monotonic()
            if wait_s > 0 and stop.wait(wait_s):
                return
        if stop.is_set():
            return
        yield entry


def shown_from(sink: Sink, from_s: float) -> Sink:
    """Keep from a sink what flows (frames, signal) and what was said before `from_s`; sensors, sets and reps pass."""

    def shown(events: Sequence[Event]) -> None:
        told = [e for e in events if not (isinstance(e, Frame | SignalSeen | Notice) and _time_s(e) < from_s)]
        if told:
            sink(told)

    return shown if from_s > 0.0 else sink


def _time_s(event: Frame | SignalSeen | Notice) -> float:
    return event.start_s if isinstance(event, SignalSeen) else event.t_s
