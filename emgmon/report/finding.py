"""How a set went, in the words that its numbers allow.

The rules, in this order; the first that fits speaks:

1. no repetition: nothing is said;
2. no index (a group is missing, or the signals were too small): what is missing is said;
3. fewer than 5 reps that count: too few;
4. less than 60 % of the reps could be used: too many were lost;
5. no interval of the change: it cannot be said;
6. second half above the first by more than ×1.25, and the 95 % interval of that difference above zero: the synergists
   took over. They are named one by one when that holds for one of them alone;
7. the same downwards: the glutes took a larger part;
   both in these words only where the references permit levels to be compared: otherwise one *gained on* the other, as
   who did more of the work is not known;
8. otherwise no clear change. Whether one of ×1.25 can be excluded is said from the interval of the difference.

The interval of the difference takes reps as independent; that neighbours resemble each other is answered by the size
that a change must have. Without any change, 2 % of simulated sets of 8 to 12 reps (spread 12 %, autocorrelation 0.3)
pass both conditions, 6 % at a spread of 15 % (``tests/report/test_finding.py`` holds the first).

×1.25 is the dead band within which the feedback stays silent. A change is always one within the set; where on the
scale a set lies depends on the exercise and is not judged.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from emgmon.model import Estimate, SetSummary
from emgmon.report.reading import COVERAGE, INDICES, Reading, counted, index_value
from emgmon.report.wording import capital, factor, interval, listing, plural, signed

CLEAR_LN = math.log(1.25)
"""Least change of an index that is called one, ln."""

MIN_REPS = 5
"""Fewest reps that give an interval."""

_NAMES = {"G": "glutes", "H": "hamstrings", "E": "back"}


@dataclass(frozen=True, slots=True)
class Finding:
    """A title, the sentence under it, and the rule that spoke.

    ``rule`` is one of ``no_reps``, ``no_index``, ``few``, ``lost``, ``no_interval``, ``took_over``, ``glutes``,
    ``steady``.
    """

    title: str
    lead: str
    rule: str


def set_estimate(summary: SetSummary, reading: Reading) -> Estimate | None:
    """Return the set's estimate of its index; None when there is none or one of its intervals is missing."""
    if reading.index is None:
        return None
    found = summary.estimate(reading.index.metric, reading.phase, reading.where)
    if found is None or found.n < MIN_REPS:
        return None
    needed = (found.low, found.high, found.first, found.last, found.change_low, found.change_high)
    return found if all(map(math.isfinite, needed)) else None


def direction(estimate: Estimate) -> int:
    """Return +1 for a clear rise over the set, −1 for a clear fall, 0 otherwise."""
    change = estimate.last - estimate.first
    if change > CLEAR_LN and estimate.change_low > 0:
        return 1
    if change < -CLEAR_LN and estimate.change_high < 0:
        return -1
    return 0


def find(summary: SetSummary, reading: Reading) -> Finding:
    """Apply the rules of this module to one set."""
    if not summary.reps:
        return Finding(
            "No repetition was found in this set",
            f"Without repetitions there is nothing to compare. {summary.exercise_title} was recorded; see the notes "
            "and the signal quality.",
            "no_reps",
        )
    if reading.index is None:
        return _no_index(reading)
    have = sum(index_value(rep, reading) is not None for rep in counted(summary.reps))
    estimate = set_estimate(summary, reading)
    if have < MIN_REPS:
        found = _few(have)
    elif have < COVERAGE * len(summary.reps):
        lead = f"Only {have} of {len(summary.reps)} reps could be used; at least {COVERAGE:.0%} are needed."
        found = Finding("Too many reps were lost to say how the set went", lead, "lost")
    elif estimate is None:
        lead = "No interval of the change could be computed, so a change cannot be told from chance."
        found = Finding("How the set went cannot be said", lead, "no_interval")
    else:
        found = _spoken(summary, reading, estimate)
    return Finding(f"{found.title}{_suffix(reading)}", found.lead, found.rule)


def _suffix(reading: Reading) -> str:
    if not reading.partial or reading.index is None:
        return ""
    return f" ({listing([_NAMES[group] for group in reading.index.groups])} only)"


def _no_index(reading: Reading) -> Finding:
    """Rule 2."""
    if reading.groups and "G" not in reading.groups:
        title = "The glutes were not measured, so nothing is compared"
    elif reading.groups == ("G",):
        title = "Only the glutes were measured, so nothing is compared"
    elif reading.groups:
        title = "The muscles could not be compared in this set"
    else:
        title = "No muscle activity could be measured in this set"
    lead = "A comparison needs the glutes and at least one of hamstrings and back, above their noise."
    return Finding(title, lead, "no_index")


def _few(have: int) -> Finding:
    """Rule 3."""
    return Finding(
        f"{MIN_REPS} reps or more are needed to say how the set went",
        f"This set has {plural(have, 'rep')} that can be compared: too few reps for an interval. "
        "Each rep is shown as it was.",
        "few",
    )


def _spoken(summary: SetSummary, reading: Reading, estimate: Estimate) -> Finding:
    """Rules 6 to 8."""
    turn = direction(estimate)
    change = estimate.last - estimate.first
    bounds = interval(estimate.slope_low, estimate.slope_high, 3)
    trend = f"trend {signed(estimate.slope, 3)} per rep, 95 % interval {bounds}"
    halves = interval(estimate.change_low, estimate.change_high)
    synergists = reading.index.synergists if reading.index else ""
    side = "" if reading.where == "both" else f" on the {reading.where} side"
    measured = (
        f"In the second half, {synergists} reached {factor(change)} of the first half relative to the glutes{side} "
        f"({signed(change)}, 95 % interval {halves}; {trend})."
    )
    if turn > 0:
        did = "took over" if reading.permits.levels else "gained on the glutes"
        return Finding(f"{capital(_leaders(summary, reading))} {did} in the second half", measured, "took_over")
    if turn < 0:
        did = "took a larger part" if reading.permits.levels else f"gained on {synergists}"
        return Finding(f"Glutes {did} in the second half", measured, "glutes")
    excluded = -CLEAR_LN < estimate.change_low <= estimate.change_high < CLEAR_LN
    size = factor(CLEAR_LN)
    bound = f"A change of {size} or more is unlikely." if excluded else f"A change of {size} cannot be excluded."
    return Finding("No clear change over the set", f"{measured} {bound}", "steady")


def _leaders(summary: SetSummary, reading: Reading) -> str:
    """Name the synergists that rose clearly on their own; all of the index when none did."""
    if reading.index is None or reading.partial:
        return reading.index.synergists if reading.index else ""
    names = []
    for index in INDICES[1:]:
        part = summary.estimate(index.metric, reading.phase, reading.where)
        if part is not None and direction(part) > 0:
            names.append(index.synergists)
    return listing(names) or reading.index.synergists
