"""Which sets of weeks may stand in one line, and in words why the others may not."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from emgmon.exercise.reference import PERMITS
from emgmon.model import Estimate, PastSet

LOAD_SHARE = 0.10
KNEE_DEG = 15.0

RED, AMBER = "red", "amber"


class Asked(NamedTuple):
    """One number of one exercise."""

    exercise: str
    metric: str
    phase: str
    where: str


@dataclass(frozen=True, slots=True)
class Left:
    """A set that is left out, and why; `term` is ``load`` or ``knee`` where a model could take it in again.

    It is ``placement`` where the electrodes sat elsewhere, and empty for a set that is not of this line at all.
    """

    item: PastSet
    reason: str
    term: str = ""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Sets of one line, in order of time, and those that are left out."""

    kept: tuple[PastSet, ...]
    left: tuple[Left, ...]


def gather(history: Iterable[PastSet], asked: Asked) -> Gathered:
    """Choose the sets that may be compared with each other, by the rules of this module.

    One line holds sets of one kind of reference, one device class, one composition of sensors, worn by a person or
    simulated, and never mixed: the combination with the most days is chosen (of those with references; the latest of
    equals). Load within 10 % and knee angle within 15 degrees of the usual ones. Days on which the electrodes seem to
    sit elsewhere are left out. The order of `history` does not matter.
    """
    once = {(item.session, item.index): item for item in history if item.exercise == asked.exercise}
    mine = sorted(once.values(), key=_in_time)
    usable: list[PastSet] = []
    left: list[Left] = []
    for item in mine:
        reason = _unusable(item, item.estimate(asked.metric, asked.phase, asked.where))
        if reason:
            left.append(Left(item, reason))
        else:
            usable.append(item)
    usual = _most_days(usable, _line)
    left += [Left(item, _other_line(item, usual)) for item in usable if _line(item) != _line_of(usual)]
    kept = [item for item in usable if _line(item) == _line_of(usual)]
    kept = _near(kept, left, "load", lambda item: item.load_kg, _load_apart)
    kept = _near(kept, left, "knee", lambda item: item.knee_deg, lambda a, b: abs(a - b) > KNEE_DEG)
    red = [item for item in kept if item.placement == RED]
    left += [Left(item, _elsewhere(item), "placement") for item in red]
    return Gathered(tuple(item for item in kept if item.placement != RED), tuple(left))


def _elsewhere(item: PastSet) -> str:
    why = f" ({item.placement_why})" if item.placement_why else ""
    return f"the electrodes seem to have sat elsewhere that day{why}"


def reasons(left: Sequence[Left]) -> tuple[str, ...]:
    """Say in a sentence each why sets were left out, with how many; the most frequent first."""
    counts = Counter(item.reason for item in left)
    return tuple(
        f"{count} {'set' if count == 1 else 'sets'} left out: {reason}."
        for reason, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    )


def why_apart(first: PastSet, second: PastSet) -> tuple[str, ...]:
    """Say in a sentence each what makes two sets hard to compare."""
    rules = (
        (first.exercise != second.exercise, "Two different exercises."),
        (first.simulated != second.simulated, "One was simulated, one was not."),
        (first.kind != second.kind, f"Different references ({first.kind} and {second.kind})."),
        (first.device_class != second.device_class, "Sensors of different classes."),
        (first.composition != second.composition, "Different muscles or sides were worn."),
        (_load_apart(first.load_kg, second.load_kg), f"Weights of {first.load_kg:g} and {second.load_kg:g} kg."),
        (
            abs(first.knee_deg - second.knee_deg) > KNEE_DEG,
            f"Knee angles of {first.knee_deg:.0f} and {second.knee_deg:.0f} degrees.",
        ),
        (RED in {first.placement, second.placement}, "The electrodes seem to have sat elsewhere on one of the days."),
    )
    return tuple(text for holds, text in rules if holds)


def by_day(items: Sequence[PastSet]) -> list[tuple[str, list[PastSet]]]:
    """Group sets by their day, in order; those of a day keep theirs."""
    return [(day, list(sets)) for day, sets in groupby(sorted(items, key=_day), _day)]


def _day(item: PastSet) -> str:
    return item.day


def _in_time(item: PastSet) -> tuple[dt.datetime, str, int]:
    return item.started or dt.datetime.max.replace(tzinfo=dt.UTC), item.session, item.index


def _unusable(item: PastSet, found: Estimate | None) -> str:
    if not item.day:
        return "the time of the session is not known"
    if found is None:
        return "the number was not measured"
    if not math.isfinite(found.mean):
        return "the number was not measured"
    if not (math.isfinite(found.error) and found.error >= 0.0):
        return "too few repetitions for an interval"
    return ""


Line = tuple[bool, bool, str, str, str]


def _line(item: PastSet) -> Line:
    permitted = item.kind in PERMITS and PERMITS[item.kind].days
    return (permitted, item.simulated, item.kind, item.device_class, item.composition)


def _line_of(usual: PastSet | None) -> Line | None:
    return None if usual is None else _line(usual)


def _most_days(items: Sequence[PastSet], key: Callable[[PastSet], Hashable]) -> PastSet | None:
    """Return the last set of the group with the most days; a group whose references permit days goes before others."""
    groups: dict[Hashable, list[PastSet]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    ranked = (
        (_line(sets[-1])[0], len({item.day for item in sets}), _in_time(sets[-1]), sets[-1]) for sets in groups.values()
    )
    best = max(ranked, key=lambda row: row[:3], default=None)
    return best[3] if best else None


def _other_line(item: PastSet, usual: PastSet | None) -> str:
    if usual is None or item.simulated != usual.simulated:
        return "simulated sets and those of a person are not compared"
    if item.kind != usual.kind:
        return f"other references ({item.kind or 'unknown'}; the line is {usual.kind or 'unknown'})"
    if item.device_class != usual.device_class:
        return f"sensors of another class ({item.device_class or 'unknown'}; the line is {usual.device_class})"
    return "other muscles or sides were worn"


def _load_apart(a: float, b: float) -> bool:
    return abs(a - b) > LOAD_SHARE * max(abs(a), abs(b)) * (1.0 + 1e-9)


def _near(
    kept: list[PastSet],
    left: list[Left],
    name: str,
    read: Callable[[PastSet], float],
    apart: Callable[[float, float], bool],
) -> list[PastSet]:
    """Keep the sets near the value that has the most days near it; a set without the value stays."""
    known = [item for item in kept if math.isfinite(read(item))]
    if not known:
        return kept

    def neighbours(at: PastSet) -> int:
        return len({item.day for item in known if not apart(read(item), read(at))})

    centre = max(known, key=lambda item: (neighbours(item), _in_time(item)))
    far = {id(item) for item in known if apart(read(item), read(centre))}
    words = {
        "load": f"another weight (more than 10 % from {read(centre):g} kg)",
        "knee": f"another knee angle (more than 15 degrees from {read(centre):.0f})",
    }
    left += [Left(item, words[name], name) for item in kept if id(item) in far]
    return [item for item in kept if id(item) not in far]
