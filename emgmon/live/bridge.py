"""Carries events from the thread that analyses to the window that shows them. No Qt.

The analysis pushes and never waits for the window; the window drains once a tick. While nobody drains, what flows
(frames, signal blocks) is dropped oldest first and counted; what happened once (a rep, a set, a lost sensor, a
notice) is kept always, and order is kept between the two.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import count
from operator import itemgetter

from emgmon.model import Event, Frame, SignalSeen

FLOW_LIMIT = 20_000
"""Frames and signal blocks that wait at most: about half a minute of six sensors, 15 MB."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What the end card says: where report and recording are (None: there is none), and one or two sentences."""

    report_path: str | None
    text: str
    recording_path: str | None = None


class Bridge:
    """One thread pushes, another drains.

    Parameters
    ----------
    limit : int
        Largest number of waiting frames and signal blocks.
    also : callable, optional
        Is given the same events, in the thread that pushes; must return at once.

    Attributes
    ----------
    dropped : int
        Frames and signal blocks that were thrown away because nobody drained.
    ending : Ending or None
        What the end card says; None until `finish`.
    void : bool
        The last `drain` was the first after `begin_anew`: what it gave follows upon nothing.
    """

    def __init__(self, limit: int = FLOW_LIMIT, also: Callable[[Sequence[Event]], None] | None = None) -> None:
        self.dropped = 0
        self._also = also
        self.ending: Ending | None = None
        self.void = False
        self._began = self._seen = 0
        self._limit = limit
        self._order = count()
        self._flow: deque[tuple[int, Event]] = deque()
        self._kept: deque[tuple[int, Event]] = deque()
        self._lock = threading.Lock()

    def push(self, events: Iterable[Event]) -> None:
        """Add events in the order in which they happened; returns at once."""
        events = list(events)
        if self._also is not None:
            self._also(events)
        with self._lock:
            for event in events:
                flows = isinstance(event, Frame | SignalSeen)
                (self._flow if flows else self._kept).append((next(self._order), event))
            while len(self._flow) > self._limit:
                self._flow.popleft()
                self.dropped += 1

    def drain(self) -> list[Event]:
        """Take everything that waits, oldest first."""
        with self._lock:
            flow, self._flow = self._flow, deque()
            kept, self._kept = self._kept, deque()
            self.void, self._seen = self._began != self._seen, self._began
        return [event for _, event in merge(flow, kept, key=itemgetter(0))]

    def begin_anew(self) -> None:
        """Throw away what waits; what was told before is void."""
        with self._lock:
            self._flow.clear()
            self._kept.clear()
            self._began += 1

    def finish(self, report_path: str | None, text: str, recording_path: str | None = None) -> None:
        """Say what the end card shows when the work is done."""
        self.ending = Ending(report_path, text, recording_path)
