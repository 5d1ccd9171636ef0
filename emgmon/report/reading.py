"""What a set allows to be said: which index, of which phase and side, with or without references.

Three groups give the synergist dominance index (SDI); with one of them missing a partial index takes its place, under
its own name, and no muscle is ever guessed from another. Without references the unknown gain of each channel adds a
constant to every log-ratio, so only differences within the session are shown: the first two reps become zero.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from emgmon.exercise.reference import PERMITS, Permit
from emgmon.model import GROUPS, PHASE_TITLES, Placement, RepSummary, SetSummary, Value

SHARES = {"G": "share_glute", "H": "share_hamstring", "E": "share_back"}

COVERAGE = 0.6
"""A phase, a side or an index is used when at least this part of the reps has it (science: 60 % of performed reps)."""

BASELINE_REPS = 2
"""Reps that mean zero when there are no references."""


@dataclass(frozen=True, slots=True)
class Index:
    """An index of who does the work, and its words.

    ``groups`` are the letters it needs, ``synergists`` what rises when it rises, ``short`` its name in a table.
    """

    metric: str
    groups: str
    short: str
    synergists: str
    formula: str


INDICES = (
    Index("sdi", "GHE", "SDI", "hamstrings and back", "ln(√(H·E)/G)"),
    Index("log_ratio_h", "GH", "ln H/G", "hamstrings", "ln(H/G)"),
    Index("log_ratio_e", "GE", "ln E/G", "back", "ln(E/G)"),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """The numbers of a set that can be read, chosen once for all views.

    Attributes
    ----------
    index : Index or None
        None when no index was computed.
    phase : str
        ``hold`` where most reps have one, else ``act``.
    where : str
        ``both``, ``left`` or ``right``: side of the index.
    groups : tuple of str
        Letters of the groups with at least one finite level.
    sides : tuple of str
        Sides on which these were measured.
    kind : str
        Kind of the references in force: what may be said is in `emgmon.exercise.reference.PERMITS`.
    shares_where : str
        Side of the shares; empty when there are none.
    zero : float
        What is subtracted from the index before it is shown, ln: 0 where levels may be compared, else the mean of the
        first reps.
    """

    index: Index | None
    phase: str
    where: str
    groups: tuple[str, ...]
    sides: tuple[str, ...]
    kind: str
    shares_where: str
    zero: float

    @property
    def permits(self) -> Permit:
        """What may be said with these references."""
        return PERMITS[self.kind]

    @property
    def comparable(self) -> bool:
        """Muscles may be compared by their level."""
        return self.permits.levels

    @property
    def normalised(self) -> bool:
        """Levels are fractions of a reference."""
        return self.kind != "T4"

    @property
    def partial(self) -> bool:
        """The index lacks one of the three groups."""
        return self.index is not None and self.index.metric != "sdi"

    @property
    def place(self) -> str:
        """Phase and side in words: ``hold``, ``whole rep, right side``."""
        phase = PHASE_TITLES[self.phase]
        return phase if self.where == "both" else f"{phase}, {self.where} side"

    @property
    def name(self) -> str:
        """Short name of what is shown as the index."""
        if self.index is None:
            return "index"
        return self.index.short if self.comparable else f"change of {self.index.short}"


def counted(reps: Iterable[RepSummary]) -> tuple[RepSummary, ...]:
    """Return the reps that count: those of which enough was received."""
    return tuple(rep for rep in reps if rep.valid)


def look_up(rep: RepSummary, metric: str, phase: str, where: str) -> Value | None:
    """Return one number of a rep with its unit and flag; None when it is not there or NaN."""
    for item in rep.values:
        if item.metric == metric and item.phase == phase and item.where == where:
            return item if math.isfinite(item.value) else None
    return None


def _present(reps: Sequence[RepSummary], metrics: Sequence[str]) -> Counter[tuple[str, str, str]]:
    """Count the reps that have each metric, phase and place."""
    return Counter(
        (item.metric, item.phase, item.where)
        for rep in reps
        for item in rep.values
        if item.metric in metrics and math.isfinite(item.value)
    )


def _phase(reps: Sequence[RepSummary], count: Counter[tuple[str, str, str]]) -> str:
    """Return the first of hold, act and con that most reps have."""
    best = {
        phase: max((n for key, n in count.items() if key[1] == phase), default=0) for phase in ("hold", "act", "con")
    }
    enough = [phase for phase, n in best.items() if n and n >= COVERAGE * len(reps)]
    return enough[0] if enough else max(best, key=lambda phase: best[phase])


def _side(count: Counter[tuple[str, str, str]], metric: str, phase: str) -> tuple[str, int]:
    """Return the side on which a metric is read, both before one, and the number of reps that have it."""
    found = {where: count[metric, phase, where] for where in ("both", "left", "right")}
    most = max(found.values())
    return next((where, n) for where, n in found.items() if n >= COVERAGE * most)


def _index(reps: Sequence[RepSummary], count: Counter[tuple[str, str, str]], phase: str) -> tuple[Index | None, str]:
    """Return the fullest index that most reps have, and its side."""
    found = [(index, *_side(count, index.metric, phase)) for index in INDICES]
    found = [item for item in found if item[2]]
    for index, where, n in found:
        if n >= COVERAGE * len(reps):
            return index, where
    best = max(found, key=lambda item: item[2], default=None)
    return (best[0], best[1]) if best else (None, "both")


def _compared(where: str) -> bool:
    place = Placement.parse(where)
    return place is not None and place.group in GROUPS


def read_set(summary: SetSummary) -> Reading:
    """Choose what of a set is shown."""
    reps = counted(summary.reps)
    count = _present(reps, ("level", *SHARES.values(), *(index.metric for index in INDICES)))
    phase = _phase(reps, count)
    index, where = _index(reps, count, phase)
    placements = {Placement.parse(key[2]) for key in count if key[0] == "level"}
    known = {item for item in placements if item is not None and item.group in GROUPS}
    units = {
        item.unit
        for rep in reps
        for item in rep.values
        if item.metric == "level" and math.isfinite(item.value) and _compared(item.where)
    }
    kind = summary.kind if units <= {"ref"} else "T4"
    comparable = PERMITS[kind].levels
    shares_where = ""
    if comparable:
        where_of_share, n = _side(count, SHARES["G"], phase)
        shares_where = where_of_share if n else ""
    zero = 0.0
    if index is not None and not comparable:
        zero = baseline(look_up(rep, index.metric, phase, where) for rep in reps)
    return Reading(
        index=index,
        phase=phase,
        where=where,
        groups=tuple(group for group in GROUPS if any(item.group == group for item in known)),
        sides=tuple(side for side in ("left", "right", "midline") if any(item.side == side for item in known)),
        kind=kind,
        shares_where=shares_where,
        zero=zero,
    )


def baseline(values: Iterable[Value | None]) -> float:
    """Return the mean of the first two numbers that are there; NaN without any."""
    first = [item.value for item in values if item is not None][:BASELINE_REPS]
    return fmean(first) if first else math.nan


def index_value(rep: RepSummary, reading: Reading) -> Value | None:
    """Return a rep's index as it is shown, ln; None when it is missing."""
    if reading.index is None:
        return None
    item = look_up(rep, reading.index.metric, reading.phase, reading.where)
    if item is None:
        return None
    return Value(item.metric, item.phase, item.where, item.value - reading.zero, item.unit, item.flag)


def share_value(rep: RepSummary, group: str, reading: Reading) -> Value | None:
    """Return a group's share in the read phase, 0 to 1; None when it cannot be said."""
    return look_up(rep, SHARES[group], reading.phase, reading.shares_where) if reading.shares_where else None


def has_phases(summary: SetSummary) -> bool:
    """Say whether lifts and lowerings were seen; cycles found in the muscles' bursts have none."""
    return any(look_up(rep, "duration", "con", "both") is not None for rep in summary.reps)


def duration_s(rep: RepSummary, phase: str) -> float:
    """Return how long a phase took, s."""
    item = look_up(rep, "duration", phase, "both")
    if item is not None:
        return item.value
    start_s, stop_s = rep.rep.bounds_s(phase)
    return stop_s - start_s
