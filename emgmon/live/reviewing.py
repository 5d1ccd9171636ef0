"""What a person does with a recording: open, go anywhere, play, loop, lay two reps over each other. No Qt, no clock."""

from __future__ import annotations

from pathlib import Path

from emgmon.live.playing import Course, Playing
from emgmon.live.review_pair import Pair, pair
from emgmon.live.review_set import Block, Passage, clock, passage, whole
from emgmon.live.strings import words
from emgmon.model import Event
from emgmon.report.wording import moment
from emgmon.runner.playback import Reading
from emgmon.runner.tape import Span

AROUND_S = 0.3
"""Played before and after a rep that is looped."""
BACK_S = 0.6
"""Who steps back this soon after a rep began wants the rep before it."""


class Review:
    """One recording under review; empty before `open`.

    Attributes
    ----------
    reading : Reading or None
    course : Course
    playing : Playing
    spans : list of Span
        Closed sets so far.
    number : int
        Place of the set that is shown in `spans`.
    shown : Passage or None
        None while nothing has been read that could be shown.
    loops : bool
        The rep at the cursor is played again and again.
    other : int
        Rep that is laid over the one at the cursor, 0 for none.
    """

    def __init__(self) -> None:
        self.reading: Reading | None = None
        self.shown: Passage | None = None
        self.loops, self.other, self.number, self._ended = False, 0, 0, False
        self.course = Course()
        self.playing = Playing(self.course)
        self.spans: list[Span] = []

    def open(self, path: Path) -> None:
        """Begin to read a recording; what was open before is closed.

        Raises
        ------
        RecordingError
            When it is none; then everything stays as it was.
        """
        course = Course()
        reading = Reading(path, course.add)
        self.close()
        self.reading, self.course, self.playing = reading, course, Playing(course)
        self.shown, self.loops, self.other, self.number, self.spans = None, False, 0, 0, []
        self._ended = False
        reading.start()

    def close(self) -> None:
        """Stop reading and playing."""
        self.playing.runs = False
        if self.reading is not None:
            self.reading.close()

    def look(self) -> bool:
        """Take in what was read since; tells whether another passage is shown now."""
        if self.reading is None or self._ended:
            return False
        self._ended = not self.reading.running  # before looking: nothing comes after the end
        self.spans = [span for span in self.course.spans() if span.closed is not None]
        raw = self._ended and bool(self.reading.raw[1])
        if self.shown is None and self.spans:
            self.show(0)
        elif self.shown is None and self._ended and (raw or self.course.tape.n_frames):
            raw_s = self.reading.raw[0]
            self._take(whole(self.course, max(self.course.end_s, float(raw_s[-1]) if raw_s.size else 0.0)))
        else:
            return raw
        return True

    def show(self, number: int) -> None:
        """Show another set by its place."""
        if self.spans:
            self.number = max(0, min(number, len(self.spans) - 1))
            self._take(passage(self.course, self.spans[self.number]))

    def _take(self, shown: Passage) -> None:
        self.shown, self.other = shown, 0
        self.set_looping(loops=False)
        self.playing.runs = False
        self.playing.bounds_s = (shown.start_s, shown.stop_s)
        self.playing.seek(shown.blocks[0].start_s if shown.blocks else shown.start_s)

    @property
    def block(self) -> Block | None:
        """The rep at the cursor, or the last one before."""
        return self.shown.block_at(self.playing.at_s) if self.shown is not None else None

    def go(self, t_s: float) -> None:
        """Go to a session time; a loop moves to the rep there."""
        self.playing.seek(t_s)
        if self.loops:
            self.set_looping(loops=True)

    def step(self, reps: int) -> None:
        """Go to the start of a later rep, or of this one or an earlier one."""
        if self.shown is None or not self.shown.blocks:
            self.go(self.playing.at_s + 5.0 * reps)
            return
        starts_s = [block.start_s for block in self.shown.blocks]
        passed = sum(start_s <= self.playing.at_s + 1e-6 for start_s in starts_s)
        if reps < 0 and passed and self.playing.at_s > starts_s[passed - 1] + BACK_S:
            passed += 1  # first to the start of this one
        self.go(starts_s[max(0, min(len(starts_s) - 1, passed - 1 + reps))])

    def set_looping(self, *, loops: bool) -> None:
        """Play the rep at the cursor again and again, or go on."""
        block = self.block
        self.loops = loops and block is not None
        self.playing.looped_s = None
        if self.loops and block is not None:
            start_s, stop_s = self.playing.bounds_s
            self.playing.looped_s = (max(start_s, block.start_s - AROUND_S), min(stop_s, block.stop_s + AROUND_S))

    def advance(self, elapsed_s: float) -> list[Event] | None:
        """Go on by a time of the wall clock; as `Playing.advance`."""
        return self.playing.advance(elapsed_s)

    def set_comparing(self, *, compares: bool) -> None:
        """Lay the first other rep over this one, or take it away."""
        block = self.block
        self.other = 0
        if compares and block is not None and self.shown is not None:
            self.other = next((item.index for item in self.shown.blocks if item.index != block.index), block.index)

    def pick(self, index: int) -> None:
        """Lay this rep over the one at the cursor."""
        if self.shown is not None and any(block.index == index for block in self.shown.blocks):
            self.other = index

    def pick_next(self, step: int) -> None:
        """Lay the next or the previous rep over the one at the cursor."""
        block, shown = self.block, self.shown
        if not self.other or block is None or shown is None:
            return
        others = [item.index for item in shown.blocks if item.index != block.index]
        if others:
            place = others.index(self.other) + step if self.other in others else 0
            self.other = others[place % len(others)]

    def pair(self) -> Pair | None:
        """Return the rep at the cursor and the other one, None without two."""
        block = self.block
        if not self.other or block is None or self.shown is None or block.index == self.other:
            return None
        return pair(self.shown, block.index, self.other)

    def heading(self) -> tuple[str, str, str]:
        """Return title, the line below it, and what is to be known about the file."""
        reading, shown = self.reading, self.shown
        if reading is None:
            return "", "", ""
        parts = list(shown.parts) if shown is not None else []
        if reading.header.get("started_utc"):
            parts.insert(0, moment(str(reading.header["started_utc"])))
        if reading.header.get("simulated"):
            parts.append(words("review.simulated"))
        parts.append(reading.recording.path.name)
        title = shown.title if shown is not None else words("review.no_set" if self._ended else "review.reading.title")
        return title, " · ".join(parts), self._doubts(reading)

    def _doubts(self, reading: Reading) -> str:
        if reading.running:
            return words("review.reading", percent=round(100 * reading.share))
        told = [reading.error, reading.damage()]
        if reading.cancelled:
            told.insert(0, words("review.cancelled", clock=clock(self.course.end_s)))
        if not self.course.tape.n_frames:
            told.append(words("review.no_muscle.how" if reading.raw[1] else "review.nothing.how"))
        elif self.shown is not None and self.shown.summary is None:
            told.append(words("review.no_set.how"))
        return " ".join(filter(None, told))
