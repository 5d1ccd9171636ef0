"""What has to be said about a finished set, in one sentence each: what is missing, what is only a bound, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from emgmon.exercise.catalogue import Exercise
from emgmon.exercise.reference import EXCEEDED, EXCEEDED_REPS, TRIALS
from emgmon.metrics.estimates import MIN_REPS, MIN_VALID_SHARE
from emgmon.model import GROUP_TITLES, Exceeded, Placement, Reference, RepSummary

BOUND_WORDS = {
    "<=": "at most (below the limit of detection)",
    ">=": "at least (signal cut off)",
    "~": "unsure (cut off)",
}


def about_groups(exercise: Exercise, groups: Sequence[str]) -> Iterator[str]:
    """Say which compared groups nobody wears."""
    missing = [GROUP_TITLES[g].lower() for g in exercise.groups if g not in groups]
    if missing and groups:
        partial = ", hamstrings to glutes only." if "E" not in groups else "."
        yield f"No sensor on {' and '.join(missing)}: the index is partial{partial}"


def about_counting(
    exercise: Exercise, reps: Sequence[RepSummary], partial: int, *, seen: bool, other: int = 0
) -> Iterator[str]:
    """Say how sure the count is: where reps were seen, and what was begun and does not count."""
    if exercise.moved and not seen:
        found = "reps were found in the muscles' own bursts: less sure, and without phases." if reps else "none found."
        yield f"No motion sensor where this exercise needs one; {found}"
    if exercise.signal == "emg":
        yield "Cycles were found in the muscles' own bursts, without a motion sensor: less sure."
    if other:
        what = "movement was" if other == 1 else "movements were"
        yield f"{other} {what} not like the first reps of this set (another pose or direction): not counted."
    if partial:
        what = "movement does" if partial == 1 else "movements do"
        yield f"{partial} {what} not count: begun and given up, much smaller than the others, or torn by lost signal."


def about_references(references: Sequence[Reference]) -> Iterator[str]:
    """Say what makes maximal references less sure: too few tries, or levels that no try of today gave."""
    maximal = [item for item in references if item.kind == "T1"]
    tries = min((item.trials for item in maximal if item.origin == "trial"), default=TRIALS)
    if tries < TRIALS:
        yield (
            f"Maximal references are the best of {tries} {'try' if tries == 1 else 'tries'}, {TRIALS} in each of two "
            "positions are usual: 100 % may be too low."
        )
    cut = [item.placement.title.lower() for item in references if item.cut_off]
    if cut:
        yield f"The signal was cut off in the reference of {', '.join(cut)}: levels relative to it are at most this."
    for origin, words in (("raised", "were raised to what sets reached"), ("earlier", "come from another recording")):
        named = [item.placement.title.lower() for item in references if item.origin == origin]
        if named:
            yield f"References of {', '.join(named)} {words}."


def find_exceeded(
    peaks: Sequence[tuple[int, Mapping[Placement, float]]], references: Mapping[Placement, Reference]
) -> tuple[Exceeded, ...]:
    """Return the maximal references that at least two reps went beyond.

    Parameters
    ----------
    peaks : sequence of (int, mapping of Placement to float)
        For each rep its number and the best half second of each channel, as a fraction of the reference.
    references : mapping of Placement to Reference
        Those in force.
    """
    found = []
    for place, reference in references.items():
        over = sorted(((peak[place], index) for index, peak in peaks if peak.get(place, 0.0) > EXCEEDED), reverse=True)
        if reference.kind == "T1" and len(over) >= EXCEEDED_REPS:
            level = over[EXCEEDED_REPS - 1][0] * reference.level
            reps = tuple(sorted(index for _peak, index in over))
            found.append(Exceeded(place, level, reference.level, reference.unit, reps))
    return tuple(found)


def about_exceeded(exceeded: Sequence[Exceeded]) -> Iterator[str]:
    """Offer to raise references that were not maximal."""
    for item in exceeded:
        part = item.level / item.reference
        yield (
            f"{item.placement.title}: {len(item.reps)} reps went above {EXCEEDED:.0%} of the maximal reference, two of "
            f"them to {part:.0%} or more, so it was not maximal. 'emgmon analyse REC --raise-references' computes all "
            f"sets with {item.level:.3g} {'µV' if item.unit == 'uv' else item.unit} as 100 %."
        )


def about_reps(reps: Sequence[RepSummary]) -> Iterator[str]:
    """Say which reps do not count, for which muscle, and when too few do for an interval."""
    valid = sum(rep.valid for rep in reps)
    if 0 < len(reps) < MIN_REPS:
        yield f"{len(reps)} reps: at least {MIN_REPS} are needed for an interval."
    elif valid < max(MIN_REPS, MIN_VALID_SHARE * len(reps)):
        yield (
            f"{valid} of {len(reps)} reps count: at least {MIN_REPS} and {MIN_VALID_SHARE:.0%} of those performed are "
            "needed for an interval."
        )
    unusable = [str(rep.index) for rep in reps if not rep.valid]
    if unusable:
        yield f"Too much signal was lost to compare the muscles in rep {', '.join(unusable)}."
    lost: dict[Placement, list[str]] = {}
    for rep in reps:
        for place in rep.invalid:
            lost.setdefault(place, []).append(str(rep.index))
    if lost:
        where = "; ".join(f"{place.title.lower()} in rep {', '.join(numbers)}" for place, numbers in lost.items())
        yield f"More than 10 % of the active time was lost or masked: {where}."


def about_bounds(reps: Sequence[RepSummary]) -> Iterator[str]:
    """Say whose level is only a bound over whole reps, and in how many."""
    counts: dict[tuple[str, str], int] = {}
    for rep in reps:
        for value in rep.values:
            if value.metric == "level" and value.phase == "act" and value.flag in BOUND_WORDS:
                counts[value.where, value.flag] = counts.get((value.where, value.flag), 0) + 1
    parts = [
        f"{place.title.lower()} {BOUND_WORDS[flag]} in {count} of {len(reps)} reps"
        for (where, flag), count in counts.items()
        if (place := Placement.parse(where)) is not None
    ]
    if parts:
        yield f"Only bounds: {'; '.join(parts)}."
