"""Reference contractions one by one: who is asked for what, the level of each, and what a series of them shows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from emgmon.exercise.reference import BETTER, DRIFT, MOST_TRIALS, TRIALS, reference_level
from emgmon.exercise.reference_tasks import ReferenceTask
from emgmon.model import Placement, Reference
from emgmon.pipeline.tracks import EmgTrack


@dataclass(frozen=True, slots=True)
class Contraction:
    """One reference contraction: what was asked for, and when it was done; `sets_before` counts finished sets."""

    start_s: float
    kind: str
    group: str
    placement: Placement | None
    task: ReferenceTask | None
    load_kg: float | None
    sets_before: int
    stop_s: float = math.nan

    @property
    def position(self) -> str:
        """Id of the task, empty when nobody said."""
        return self.task.id if self.task else ""

    def asks(self, place: Placement) -> bool:
        """Whether the level of this channel is taken."""
        if self.placement is not None:
            return place == self.placement
        named = place.group == self.group if self.group else self.task is not None
        return named and (self.task is None or place.muscle in self.task.muscles)

    def level(self, track: EmgTrack) -> float:
        """Best half second of one channel, unit of the channel; NaN when there was no signal."""
        return reference_level(track.series.between(self.start_s, self.stop_s), track.noise)

    def trial(self, place: Placement, track: EmgTrack) -> Trial:
        """Judge one channel."""
        return Trial(place, self, self.level(track), track.unit, track.series.cut_off(self.start_s, self.stop_s))


@dataclass(frozen=True, slots=True)
class Trial:
    """Level of one channel in one contraction; NaN when there was no signal."""

    placement: Placement
    of: Contraction
    level: float
    unit: str
    cut_off: bool

    def alone(self) -> Reference:
        """Return what this contraction gives by itself."""
        return Reference(self.placement, self.of.kind, self.level, self.unit, self.of.position, cut_off=self.cut_off)

    def same_task(self, other: Trial) -> bool:
        """Whether both are of one channel, kind, position and load."""
        return self._key() == other._key()

    def _key(self) -> tuple[Placement, str, str, float | None]:
        return self.placement, self.of.kind, self.of.position, self.of.load_kg


def best_of(trials: Sequence[Trial], place: Placement, kind: str) -> Reference | None:
    """Return the largest level of one channel and kind over tries and positions, of the last weight only."""
    found = [t for t in trials if t.placement == place and t.of.kind == kind and t.level > 0.0]
    found = [t for t in found if t.of.load_kg == found[-1].of.load_kg]
    if not found:
        return None
    top = max(found, key=lambda trial: trial.level)
    load_kg = math.nan if top.of.load_kg is None else top.of.load_kg
    return Reference(place, kind, top.level, top.unit, top.of.position, len(found), load_kg, cut_off=top.cut_off)


def wants_more(trials: Sequence[Trial], last: Trial) -> bool:
    """Whether the last of enough tries was clearly better than those before, so that the best may lie ahead."""
    before = [item.level for item in trials if item.same_task(last) and item.level > 0.0]
    enough = TRIALS <= len(before) + 1 < MOST_TRIALS
    return enough and last.level > BETTER * max(before)


def drifts(trials: Sequence[Trial]) -> Iterator[str]:
    """Say which tasks, repeated after sets, gave another level than before."""
    for early, late in _repeated(trials):
        change = late.level / early.level - 1.0
        if abs(change) > DRIFT:
            yield (
                f"{late.placement.title}: the same reference was {abs(change):.0%} "
                f"{'higher' if change > 0 else 'lower'} after the sets than before. Electrode, skin or effort changed: "
                "levels of later sets are less sure."
            )


def _repeated(trials: Sequence[Trial]) -> Iterator[tuple[Trial, Trial]]:
    """Yield the best try before the first set after which a task was repeated, and the best of the last ones."""
    for number, trial in enumerate(trials):
        if any(item.same_task(trial) for item in trials[:number]):
            continue
        same = [item for item in trials if item.same_task(trial) and item.level > 0.0]
        blocks = sorted({item.of.sets_before for item in same})
        if len(blocks) > 1:
            first, last = ([i for i in same if i.of.sets_before == block] for block in (blocks[0], blocks[-1]))
            yield max(first, key=lambda item: item.level), max(last, key=lambda item: item.level)
