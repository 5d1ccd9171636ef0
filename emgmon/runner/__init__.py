"""Runs one source through one pipeline into its sinks; the only place where input and output meet the analysis."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from emgmon.model import Entry, Event, SessionSummary
from emgmon.pipeline import Pipeline, Settings

Sink = Callable[[Sequence[Event]], None]


def analyse(entries: Iterable[Entry], settings: Settings | None = None) -> SessionSummary:
    """Analyse a whole recording at once.

    Parameters
    ----------
    entries : iterable of Entry
        As `emgmon.storage.recording.read_recording` yields them, or any packets and marks in the order of arrival.
    settings : Settings, optional

    Returns
    -------
    SessionSummary
        The same as the live session gave.
    """
    pipeline = Pipeline(settings)
    for entry in entries:
        pipeline.feed(entry)
    pipeline.close()
    return pipeline.summary()


def run(entries: Iterable[Entry], pipeline: Pipeline, sink: Sink) -> SessionSummary:
    """Feed entries to a pipeline and its events to a sink until the entries end."""
    for entry in entries:
        events = pipeline.feed(entry)
        if events:
            sink(events)
    sink(pipeline.close())
    return pipeline.summary()


def paced(entries: Iterable[Entry], speed: float, stop: threading.Event) -> Iterator[Entry]:
    """Yield entries at `speed` times the pace at which they were recorded, until `stop` is set."""
    began_s, first_ns = time.monotonic(), None
    for entry in entries:
        if first_ns is None:
            first_ns = entry.host_ns
        due_s = began_s + (entry.host_ns - first_ns) * 1e-9 / speed
        wait_s = due_s - time.monotonic()
        if wait_s > 0 and stop.wait(wait_s):
            return
        if stop.is_set():
            return
        yield entry
