"""The test of twenty seconds before a recording: one muscle after the other is tensed, and each sensor must answer.

Nothing of it is recorded or counted. It tells of sensors that sit on the other side or on another muscle while they can
still be moved. How the answers are judged stands in `emgmon.dsp.site`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from emgmon.dsp.site import exchanged, misplaced
from emgmon.model import GROUP_TITLES, Frame, Placement

READY_S, EACH_S = 3.0, 3.0
SETTLED_S = 0.8
"""The first part of each stretch is left out: nobody tenses at once."""

ANSWERS = 3.0
"""A channel that does not reach this multiple of its rest does not answer."""


@dataclass(frozen=True, slots=True)
class Squeeze:
    """One stretch of the test: `place` is to be tensed, None for the rest before; `number` of `count`."""

    place: Placement | None
    since_s: float
    until_s: float
    number: int
    count: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What the test found: a sentence, the places it is about, and two to be exchanged where that helps."""

    text: str
    places: tuple[Placement, ...]
    swap: tuple[Placement, Placement] | None = None


@dataclass(slots=True)
class Squeezing:
    """Leads through the test; `since_s` is its beginning, on the clock of frames.

    `worn` are the places in the order in which they are tensed.
    """

    since_s: float
    worn: Sequence[Placement]
    _heard: dict[int, list[Mapping[Placement, float]]] = field(default_factory=dict)

    def at(self, t_s: float) -> Squeeze | None:
        """Return the stretch of a moment; None when the test is over."""
        number = 0 if t_s < self.since_s + READY_S else 1 + int((t_s - self.since_s - READY_S) // EACH_S)
        if number > len(self.worn):
            return None
        start_s = self.since_s + (READY_S + (number - 1) * EACH_S if number else 0.0)
        length_s = EACH_S if number else READY_S
        place = self.worn[number - 1] if number else None
        return Squeeze(place, start_s, start_s + length_s, number, len(self.worn))

    def take(self, frame: Frame) -> None:
        """Take the levels of one moment."""
        stretch = self.at(frame.t_s)
        if stretch is not None and frame.t_s >= max(self.since_s, stretch.since_s + SETTLED_S):
            self._heard.setdefault(stretch.number, []).append(frame.level)

    def findings(self) -> tuple[Finding, ...]:
        """Judge what was heard; empty when every sensor answered where it should."""
        rest = {place: self._level(0, place) for place in self.worn}
        heard = {
            asked: {place: self._level(number, place) for place in self.worn}
            for number, asked in enumerate(self.worn, 1)
        }
        silent = [place for place in self.worn if not _largest(heard, place) > ANSWERS * rest[place]]
        told = [Finding(f"{_name(p)}: no answer. Press the electrodes, check the place.", (p,)) for p in silent]
        full = {
            place: max(heard[asked][place] for asked in self.worn if asked.group == place.group)
            for place in self.worn
            if place not in silent
        }
        shares = {
            asked: {place: levels[place] / full[place] for place in full if full[place] > 0.0}
            for asked, levels in heard.items()
        }
        pairs = exchanged(shares)
        told += [
            Finding(
                f"{_name(left)} and {_name(right).lower()} answer for each other: exchange them.",
                (left, right),
                (left, right),
            )
            for left, right in pairs
        ]
        crossed = {place for pair in pairs for place in pair}
        return (*told, *self._elsewhere(heard, rest, crossed | set(silent)))

    def _elsewhere(
        self,
        heard: Mapping[Placement, Mapping[Placement, float]],
        rest: Mapping[Placement, float],
        told: set[Placement],
    ) -> list[Finding]:
        """Find sensors on another muscle of their side."""
        full = {
            place: max(
                [
                    ANSWERS * rest[place],
                    *(heard[a][place] for a in self.worn if a.group == place.group and a.side == place.side),
                ]
            )
            for place in self.worn
        }
        tasks: dict[str, dict[Placement, float]] = {}
        for asked in self.worn:
            answers = tasks.setdefault(asked.group, {})
            for place in self.worn:
                if place.side == asked.side and full[place] > 0.0:
                    answers[place] = max(answers.get(place, 0.0), heard[asked][place] / full[place])
        wrong = [place for place, count in misplaced(tasks).items() if count >= 2 and place not in told]
        found = []
        for side in ("left", "right"):
            here = tuple(place for place in wrong if place.side == side)
            if len(here) == 2:
                text = (
                    f"{_name(here[0])} and {_name(here[1]).lower()} seem to sit on each other's muscle: exchange them."
                )
                found.append(Finding(text, here, here))
            else:
                found += [Finding(f"{_name(p)}: answers in other muscles' turns: check its place.", (p,)) for p in here]
        return found

    def _level(self, number: int, place: Placement) -> float:
        known = [level for levels in self._heard.get(number, []) if math.isfinite(level := levels.get(place, math.nan))]
        return float(np.median(known)) if known else 0.0


def _largest(heard: Mapping[Placement, Mapping[Placement, float]], place: Placement) -> float:
    return max(levels[place] for levels in heard.values())


def _name(place: Placement) -> str:
    return f"{place.side} {GROUP_TITLES.get(place.group, place.title).lower()}".capitalize()
