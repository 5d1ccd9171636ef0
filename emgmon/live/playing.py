"""Goes anywhere in a recording and shows what the window knew there: the same events, up to that moment. No Qt.

Every few seconds of a session a copy of the state is kept, so a jump applies at most that much of it; between the
copies lie the events themselves, on the tape.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, fields

from emgmon.live.state import TrainState
from emgmon.model import Event, Frame, Placement, SignalSeen
from emgmon.runner.tape import Position, Span, Tape

KEEP_S = 5.0
"""Session time between two copies of the state."""
SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
HEARD_UP_TO = 2.0
"""Nobody can follow the sounds of a session at a higher speed."""
LONGEST_STEP_S = 0.25
"""A window that was busy for longer goes on from there, instead of leaping."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """A block of signal changed what is known of a channel: its unit, or whether too much is lost."""

    at: Position
    placement: Placement
    unit: str
    weak: bool


@dataclass(slots=True)
class Course:
    """A session from its first event to the newest; one thread adds while another looks.

    Attributes
    ----------
    tape : Tape
    lock : threading.Lock
        Held while events are added or read.
    """

    tape: Tape = field(default_factory=Tape)
    lock: threading.Lock = field(default_factory=threading.Lock)
    _now: TrainState = field(default_factory=TrainState)
    _kept: list[tuple[Position, TrainState]] = field(default_factory=list)
    _turns: list[_Turn] = field(default_factory=list)
    _keep_next_s: float = 0.0

    def add(self, events: Sequence[Event]) -> None:
        """Take in what the analysis told."""
        with self.lock:
            for event in events:
                self._add(event)

    @property
    def end_s(self) -> float:
        """Session time of the newest event."""
        return self.tape.end_s

    def state_at(self, t_s: float) -> tuple[TrainState, Position]:
        """Return what the window knew at a session time, and which events had been told."""
        with self.lock:
            stop = self.tape.position(t_s)
            nearest = bisect_right(self._kept, stop, key=lambda kept: kept[0]) - 1
            start, state = self._kept[nearest] if nearest >= 0 else ((0, 0), TrainState())
            state = copied(state)
            self._apply(state, start, stop)
        return state, stop

    def forward(self, state: TrainState, start: Position, t_s: float) -> tuple[list[Event], Position]:
        """Apply to a state what was told between a position and a session time; returns it, and where that is."""
        with self.lock:
            stop = self.tape.position(t_s)
            return self._apply(state, start, stop), stop

    def spans(self) -> list[Span]:
        """Return the sets so far."""
        with self.lock:
            return self.tape.spans()

    def _add(self, event: Event) -> None:
        here = self.tape.end
        if isinstance(event, SignalSeen):
            place = event.placement
            before = (self._now.unit.get(place), place in self._now.weak)
            self._now.apply(event)
            after = (event.unit, place in self._now.weak)
            if before != after:
                self._turns.append(_Turn(here, place, *after))
            return
        if event.t_s >= self._keep_next_s:
            self._kept.append((here, copied(self._now)))
            self._keep_next_s = event.t_s + KEEP_S
        self._now.apply(event)
        self.tape.add(event)

    def _apply(self, state: TrainState, start: Position, stop: Position) -> list[Event]:
        """Apply to a state what was told between two positions, and the turns up to the second."""
        turns = self._turns[bisect_left(self._turns, start, key=_at) : bisect_right(self._turns, stop, key=_at)]
        turns.reverse()
        events = []
        frames, others = start
        for event in self.tape.between(start, stop):
            while turns and turns[-1].at <= (frames, others):
                _turn(state, turns.pop())
            state.apply(event)
            events.append(event)
            frames, others = (frames + 1, others) if isinstance(event, Frame) else (frames, others + 1)
        while turns:
            _turn(state, turns.pop())
        return events


class Playing:
    """Where the person is in a recording.

    Parameters
    ----------
    course : Course

    Attributes
    ----------
    at_s : float
        Session time of the cursor.
    bounds_s : (float, float)
        Playing stays between these.
    speed : float
        Times the pace of the recording, one of `SPEEDS`.
    runs : bool
        It plays.
    looped_s : (float, float) or None
        What is played again and again.
    state : TrainState
        What the window knew at the cursor.
    """

    def __init__(self, course: Course) -> None:
        self.course = course
        self.at_s, self.bounds_s, self.speed, self.runs = 0.0, (0.0, 0.0), 1.0, False
        self.looped_s: tuple[float, float] | None = None
        self.state, self._position = TrainState(), (0, 0)

    def seek(self, t_s: float) -> None:
        """Go to a session time within the bounds."""
        self.at_s = min(self.bounds_s[1], max(self.bounds_s[0], t_s))
        self.state, self._position = self.course.state_at(self.at_s)

    def play(self, *, runs: bool) -> None:
        """Play or pause; who plays at the end begins anew."""
        self.runs = runs
        if runs and self.at_s >= self.bounds_s[1]:
            self.seek(self.bounds_s[0])

    def advance(self, elapsed_s: float) -> list[Event] | None:
        """Go on by a time of the wall clock while it plays; returns what was told meanwhile, None after a jump."""
        if not self.runs:
            return []
        to_s = self.at_s + min(elapsed_s, LONGEST_STEP_S) * self.speed
        start_s, stop_s = self.looped_s or self.bounds_s
        if to_s >= stop_s and self.looped_s is not None:
            self.seek(start_s)
            return None
        if to_s >= stop_s:
            to_s, self.runs = stop_s, False
        self.at_s = to_s
        events, self._position = self.course.forward(self.state, self._position, to_s)
        return events


def copied(state: TrainState) -> TrainState:
    """Return a state that goes its own way from here on."""
    other = copy(state)
    for item in fields(state):
        value = getattr(state, item.name)
        if isinstance(value, list | dict | set):
            setattr(other, item.name, value.copy())
    return other


def _turn(state: TrainState, turn: _Turn) -> None:
    state.unit[turn.placement] = turn.unit
    if turn.weak:
        state.weak.add(turn.placement)
    else:
        state.weak.discard(turn.placement)


def _at(turn: _Turn) -> Position:
    return turn.at
