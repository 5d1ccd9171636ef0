"""What a review keeps of a recording: every frame as a row of numbers, and everything that happened once.

A frame of eight channels takes 132 bytes here, many times that as an object; an hour of them is 24 MB. Blocks of
signal are not kept: an hour of eight channels at 2 kHz would be 460 MB.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from emgmon.model import GROUPS, Array, CueWord, Event, Frame, Phase, Placement, SetClosed, SetOpened, SignalSeen

ROWS = 1500
"""Frames in one block: half a minute."""
NUMBERS = 5 + len(GROUPS)
"""Columns before the levels: time, index, baseline, angle, hold, shares."""

Position = tuple[int, int]
"""A place between two events: frames, and other events, that were told before."""
_Word = tuple[bool, Phase, int, CueWord, str, str, bool, bool]
"""All of a frame that is no real number: referenced, phase, rep, cue, leader, kind, glute on, whether it has shares."""


@dataclass(slots=True)
class _Block:
    """Frames of the same channels."""

    first: int
    places: tuple[Placement, ...]
    rows: Array
    words: NDArray[np.int32]
    n: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """Where a set lies: its events, and its bounds on the session clock; `closed` is None while it runs."""

    opened: SetOpened
    closed: SetClosed | None

    def stop_s(self, end_s: float) -> float:
        """End of the set; `end_s`, that of the recording, while it runs."""
        return self.closed.t_s if self.closed is not None else end_s


@dataclass(slots=True)
class Tape:
    """Events in the order in which they were told; one thread at a time.

    A moment on the tape is one that the live window went through: everything that had been told when the newest frame
    with ``t_s`` up to it was. Where there are no frames the events' own times count.

    Attributes
    ----------
    n_frames : int
    end_s : float
        Session time of the newest event.
    """

    n_frames: int = 0
    end_s: float = 0.0
    _blocks: list[_Block] = field(default_factory=list)
    _words: list[_Word] = field(default_factory=list)
    _word_numbers: dict[_Word, int] = field(default_factory=dict)
    _told: list[Event] = field(default_factory=list)
    _told_after: list[int] = field(default_factory=list)
    _told_s: list[float] = field(default_factory=list)

    def add(self, event: Event) -> None:
        """Keep one event; blocks of signal are passed over."""
        if isinstance(event, SignalSeen):
            return
        if isinstance(event, Frame):
            self._add_frame(event)
        else:
            self._told_after.append(self.n_frames)
            self._told_s.append(max(event.t_s, self._told_s[-1] if self._told_s else 0.0))
            self._told.append(event)
        self.end_s = max(self.end_s, event.t_s)

    @property
    def end(self) -> Position:
        """How many frames, and other events, have been told."""
        return self.n_frames, len(self._told)

    def position(self, t_s: float) -> Position:
        """Return how many frames, and other events, had been told at a session time."""
        frames = self._frames_until(t_s)
        if frames < self.n_frames:
            last = bisect_right(self._told_after, frames)  # what was told before the next frame, at the latest
            while last and self._told_after[last - 1] == frames and self._told_s[last - 1] > t_s:
                last -= 1
            return frames, last
        first = bisect_left(self._told_after, frames)
        return frames, max(first, bisect_right(self._told_s, t_s))

    def between(self, start: Position, stop: Position) -> Iterator[Event]:
        """Yield the events from one position to a later one."""
        other = start[1]
        for number, frame in enumerate(self._frames(start[0], stop[0]), start[0]):
            while other < stop[1] and self._told_after[other] <= number:
                yield self._told[other]
                other += 1
            yield frame
        yield from self._told[other : stop[1]]

    def told(self, *kinds: type[Event]) -> list[Event]:
        """Events of some kinds, without frames, oldest first."""
        return [event for event in self._told if isinstance(event, kinds)]

    def spans(self) -> list[Span]:
        """Return the sets so far without check repetitions; the last may still run."""
        spans: list[Span] = []
        for event in self.told(SetOpened, SetClosed):
            if isinstance(event, SetOpened):
                spans.append(Span(event, None))
            elif isinstance(event, SetClosed) and spans:
                opened = spans.pop().opened
                if not event.check:
                    spans.append(Span(opened, event))
        return spans

    def levels(self, start_s: float, stop_s: float) -> tuple[Array, dict[Placement, Array]]:
        """Levels of every channel between two session times.

        Returns
        -------
        time_s : (n,) array
            As in `Frame.t_s`.
        level : dict of Placement to (n,) array
            As in `Frame.level`; NaN where the channel was not there.
        """
        first, stop = self._frames_until(start_s), self._frames_until(stop_s)
        parts = list(self._cut(first, stop))
        times = np.concatenate([part.rows[a:b, 0] for part, a, b in parts]) if parts else np.zeros(0)
        places = dict.fromkeys(place for part, _a, _b in parts for place in part.places)
        level = {place: np.full(times.size, np.nan) for place in places}
        at = 0
        for part, a, b in parts:
            for column, place in enumerate(part.places, NUMBERS):
                level[place][at : at + b - a] = part.rows[a:b, column]
            at += b - a
        return times, level

    def kinds(self, start_s: float, stop_s: float) -> NDArray[np.str_]:
        """Return `Frame.kind` of the same frames as `levels`."""
        parts = [
            np.array([word[5] for word in self._words])[block.words[a:b]]
            for block, a, b in self._cut(self._frames_until(start_s), self._frames_until(stop_s))
        ]
        return np.concatenate(parts) if parts else np.zeros(0, np.str_)

    def leaders(self, start_s: float, stop_s: float) -> dict[str, int]:
        """Count the frames between two session times by the group that led; ``""`` is nobody."""
        counts: dict[str, int] = {}
        for part, a, b in self._cut(self._frames_until(start_s), self._frames_until(stop_s)):
            for number, count in zip(*np.unique(part.words[a:b], return_counts=True), strict=True):
                who = self._words[number][4]
                counts[who] = counts.get(who, 0) + int(count)
        return counts

    def size_bytes(self) -> int:
        """Memory that the frames take."""
        return sum(block.rows.nbytes + block.words.nbytes for block in self._blocks)

    def _add_frame(self, frame: Frame) -> None:
        places = tuple(frame.level)
        if not self._blocks or self._blocks[-1].places != places or self._blocks[-1].n == ROWS:
            if self._blocks:
                last = self._blocks[-1]
                last.rows, last.words = last.rows[: last.n].copy(), last.words[: last.n].copy()
            rows = np.empty((ROWS, NUMBERS + len(places)))
            self._blocks.append(_Block(self.n_frames, places, rows, np.empty(ROWS, np.int32)))
        block = self._blocks[-1]
        said = (frame.referenced, frame.phase, frame.rep, frame.cue, frame.leader, frame.kind, frame.glute_on)
        word = (*said, bool(frame.share))
        if word not in self._word_numbers:
            self._words.append(word)
            self._word_numbers[word] = len(self._words) - 1
        shares = [frame.share.get(group, np.nan) for group in GROUPS]
        numbers = (frame.t_s, frame.sdi, frame.baseline_sdi, frame.angle_deg, frame.hold_s)
        block.rows[block.n] = [*numbers, *shares, *frame.level.values()]
        block.words[block.n] = self._word_numbers[word]
        block.n += 1
        self.n_frames += 1

    def _frames_until(self, t_s: float) -> int:
        """Count the frames with times up to `t_s`."""
        at = bisect_right(self._blocks, t_s, key=lambda block: float(block.rows[0, 0]))
        if not at:
            return 0
        block = self._blocks[at - 1]
        return block.first + int(np.searchsorted(block.rows[: block.n, 0], t_s, side="right"))

    def _cut(self, first: int, stop: int) -> Iterator[tuple[_Block, int, int]]:
        """Yield the blocks that hold frames `first` to `stop`, and which of their rows."""
        begin = max(0, bisect_right(self._blocks, first, key=lambda block: block.first) - 1)
        for block in self._blocks[begin:]:
            a, b = max(0, first - block.first), min(block.n, stop - block.first)
            if b <= 0:
                break
            if a < b:
                yield block, a, b

    def _frames(self, first: int, stop: int) -> Iterator[Frame]:
        for block, a, b in self._cut(first, stop):
            words = block.words[a:b].tolist()
            for number, row in zip(words, block.rows[a:b].tolist(), strict=True):
                yield _frame(row, block.places, self._words[number])


def _frame(row: Sequence[float], places: tuple[Placement, ...], word: _Word) -> Frame:
    """Make a frame again from its row."""
    referenced, phase, rep, cue, leader, kind, glute_on, shared = word
    share = dict(zip(GROUPS, row[5:NUMBERS], strict=True)) if shared else {}
    level = dict(zip(places, row[NUMBERS:], strict=True))
    return Frame(
        t_s=row[0],
        level=level,
        referenced=referenced,
        share=share,
        sdi=row[1],
        baseline_sdi=row[2],
        angle_deg=row[3],
        phase=phase,
        hold_s=row[4],
        rep=rep,
        cue=cue,
        leader=leader,
        kind=kind,
        glute_on=glute_on,
    )
