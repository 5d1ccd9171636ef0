"""What later repetitions are measured by: the first reps of an exercise's first set, then that set as a whole.

A constant of electrodes, references and exercise is in every index and leaves only differences. So a set is measured by
an earlier one as long as these are the same, and begins anew where they are not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from emgmon.model import Placement, Reference, RepSummary, Value
from emgmon.pipeline.frames import NO_BASELINE, Baseline

BASELINE_REPS = 2
"""Valid reps of an exercise's first set that measure those after them, and the fewest that make it measure others."""


@dataclass(frozen=True, slots=True)
class Condition:
    """All that has to be the same for two sets to be measured alike.

    Attributes
    ----------
    exercise : str
    worn : frozenset of Placement
        Channels that are compared.
    references : frozenset of (Placement, str, float)
        Kind and level of those in force.
    moves : int
        How often a sensor had been put elsewhere.
    """

    exercise: str
    worn: frozenset[Placement]
    references: frozenset[tuple[Placement, str, float]]
    moves: int


@dataclass(slots=True)
class Baselines:
    """The session's sets by which others are measured, science brief 6.2.

    Attributes
    ----------
    moves : int
        How often a sensor was put elsewhere so far.
    """

    moves: int = 0
    _kept: dict[Condition, Baseline] = field(default_factory=dict)

    def condition(
        self, exercise: str, worn: Iterable[Placement], references: Mapping[Placement, Reference]
    ) -> Condition:
        """Return what holds for a set that begins now."""
        places = frozenset(worn)
        levels = frozenset((p, item.kind, item.level) for p, item in references.items() if p in places)
        return Condition(exercise, places, levels, self.moves)

    def of(self, condition: Condition) -> Baseline:
        """Return what a set is measured by from its first rep on; nothing when it is the first of its condition."""
        return self._kept.get(condition, NO_BASELINE)

    def keep(self, condition: Condition, index: int, reps: Iterable[RepSummary]) -> None:
        """Let a finished set measure later ones, if it is the first of its condition, valid and nothing was moved."""
        valid = [rep.values for rep in reps if rep.valid]
        whole = mean_of(valid, index)
        if len(valid) >= BASELINE_REPS and whole.sdi and condition.moves == self.moves:
            self._kept.setdefault(condition, whole)

    def anew(self, condition: Condition) -> str:
        """Say why a set is not measured by an earlier one of its exercise; empty when it is, or there was none."""
        same = [known for known in self._kept if known.exercise == condition.exercise]
        if not same or condition in self._kept:
            return ""
        last = same[-1]
        moved = last.worn != condition.worn or last.moves != condition.moves
        what = "Sensors are worn elsewhere" if moved else "References are new"
        return f"{what}: your mark is set anew by the first reps of this set."


def mean_of(reps: Iterable[Sequence[Value]], from_set: int = 0) -> Baseline:
    """Return the mean of each index and phase over the values of some reps."""
    known = list(reps)
    return Baseline(
        _mean([index_of(values) for values in known]),
        _mean([by_phase(values, "log_ratio_h") for values in known]),
        _mean([by_phase(values, "log_ratio_e") for values in known]),
        from_set,
    )


def by_phase(values: Sequence[Value], metric: str) -> dict[str, float]:
    """Return one metric of both sides by phase, where it could be said."""
    return {v.phase: v.value for v in values if v.metric == metric and v.where == "both" and not math.isnan(v.value)}


def index_of(values: Sequence[Value]) -> dict[str, float]:
    """Return the index by phase: SDI, or ln(H/G) or ln(E/G) where only one synergist is worn."""
    return by_phase(values, "sdi") or by_phase(values, "log_ratio_h") or by_phase(values, "log_ratio_e")


def _mean(tables: list[dict[str, float]]) -> dict[str, float]:
    phases = {phase for table in tables for phase in table}
    found = {phase: [table[phase] for table in tables if phase in table] for phase in sorted(phases)}
    return {phase: sum(values) / len(values) for phase, values in found.items()}
