"""Three questions to a set, each with its own needs and its own answer: they are never merged into one verdict.

====  ==========================================  ==============================================================
N     unusual against published healthy groups?   P(index > their mean + one spread); needs maximal references
C     changed against the person's own baseline?  P(change beyond ×1.25, either way); any reference, the same one
A     do the sides differ?                        P(difference beyond ×1.3, either way); needs references
====  ==========================================  ==============================================================

Each probability comes from the set's mean and a standard error that holds all the question must allow for: the spread
within the set, the day, and what the reference may be off by. A small set counts by Student's t (Welch–Satterthwaite).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

import scipy

from emgmon.exercise.reference import PERMITS
from emgmon.exercise.reference_bands import Band, bands_of
from emgmon.model import Answer, Estimate, Placement, SetSummary

WORDS = ((0.95, "clear in this measurement"), (0.80, "leaning"), (0.20, "uncertain"), (0.0, "no sign"))
"""Least probability of each word."""

CHANGE_LN = math.log(1.25)
"""Smallest change that is asked for: a convention, no study ties one to a benefit."""
SIDE_LN = math.log(1.3)

DAY_LN = {"T1": 0.19, "T2": 0.10}
"""Standard error of one muscle's level between days, by kind of reference, ln."""
REFERENCE_LN = 0.15
"""What one muscle's reference may be off by and stay so from day to day (effort, position), ln."""
MUSCLES_IN = {"sdi": 1.5, "log_ratio_h": 2.0, "log_ratio_e": 2.0}
"""Variance of each index, in variances of one muscle."""

BASELINE_DAYS = 3
CLASSES = frozenset("ABC")
PHASES = ("hold", "act", "con")
"""Phases in the order in which they are asked."""


def word_of(probability: float) -> str:
    """Return the word for a probability, 0 to 1; empty for NaN."""
    return next((word for least, word in WORDS if probability >= least), "")


class Held(NamedTuple):
    """A number with its standard error and degrees of freedom."""

    value: float
    error: float
    freedom: float = math.inf

    def above(self, limit: float) -> float:
        """Probability that the true number lies above `limit`, when nothing else is known of it."""
        if not self.error > 0.0:
            return float(self.value > limit)
        return float(scipy.special.stdtr(min(self.freedom, 1e6), (self.value - limit) / self.error))


def held(value: float, *parts: tuple[float, float]) -> Held:
    """Put together a number and its independent errors, each with its degrees of freedom (infinite when known)."""
    variance = sum(error**2 for error, _freedom in parts)
    sway = sum(error**4 / freedom for error, freedom in parts if error > 0.0)
    return Held(value, math.sqrt(variance), variance**2 / sway if sway > 0.0 else math.inf)


class Past(NamedTuple):
    """An index of an earlier set, as later ones are held against it; `day` is any text that differs between days."""

    day: str
    exercise: str
    kind: str
    metric: str
    phase: str
    where: str
    value: float
    error: float
    freedom: float


def pasts_of(summary: SetSummary, day: str) -> tuple[Past, ...]:
    """Return what of a set may serve as baseline."""
    return tuple(
        Past(day, summary.exercise, summary.kind, e.metric, e.phase, e.where, e.mean, e.error, e.freedom)
        for e in summary.estimates
        if e.metric in MUSCLES_IN and math.isfinite(e.error)
    )


def answers(
    summary: SetSummary,
    classes: Mapping[Placement, str],
    earlier: Iterable[Past] = (),
    *,
    day: str = "",
    side: str = "",
) -> tuple[Answer, Answer, Answer]:
    """Answer N, C and A for one set, or say what each lacked.

    Parameters
    ----------
    summary : SetSummary
    classes : mapping of Placement to str
        Letter of the device class of each EMG channel.
    earlier : iterable of Past
        Earlier sets of the person, in order, those of the same day included.
    day : str
        Day of the set, as in `earlier`.
    side : str
        Leg that works, for exercises of one leg; empty when nobody said.
    """
    return unusual(summary, classes, side), changed(summary, list(earlier), day, side), sides(summary)


def unusual(summary: SetSummary, classes: Mapping[Placement, str], side: str = "") -> Answer:
    """Answer N: whether the index lies above the mean of published healthy groups by more than their spread."""
    bands = bands_of(summary.exercise)
    band = next((each for each in bands if each.usable), None)
    where = side or "both"
    found = _asked(summary, ("sdi",), (band.phase,), where) if band else None
    weak = sorted(str(item.placement) for item in summary.references if classes.get(item.placement, "") not in CLASSES)
    lacked = _missing(
        (not PERMITS[summary.kind].norms, "maximal references for all compared muscles"),
        (any(item.origin == "earlier" for item in summary.references), "a maximal reference of this session"),
        (bool(summary.exceeded), "a reference that was maximal: the exercise went beyond it"),
        (bool(weak), "sensors of class A to C" + (f" ({weak[0]} is not)" if len(weak) == 1 else "")),
        (not bands, "published groups for this exercise"),
        (bool(bands) and band is None, "published groups that are known well enough (grade A or B)"),
        (band is not None and band.one_leg and not side, "which leg worked"),
        (band is not None and found is None, "the index of all three groups in enough reps"),
    )
    if lacked or band is None or found is None:
        return Answer("N", lacked=lacked)
    index = held(found.mean, (found.error, found.freedom), *_outside("sdi", DAY_LN["T1"], REFERENCE_LN))
    limit = band.indices["sdi"].mean + band.indices["sdi"].spread
    probability = index.above(limit)
    used = (f"maximal references, sensors of class {_letters(summary, classes)}", _said(band))
    return _answer("N", found, index, limit, (probability, 1, word_of(probability)), used)


def changed(summary: SetSummary, earlier: Sequence[Past], day: str, side: str = "") -> Answer:
    """Answer C: whether the index has moved by more than ×1.25 from the person's own baseline.

    The baseline is the mean of at least three earlier days, else the first set of the same day. What a reference is off
    by in the same way each day cancels; between sets of one day the day does as well.
    """
    kind = summary.kind
    found = _asked(summary, tuple(MUSCLES_IN), PHASES, side or "both")
    if found is None:
        return Answer("C", lacked=("an index in enough reps",))
    asked = (summary.exercise, found.metric, found.phase, found.where)
    same = [past for past in earlier if (past.exercise, past.metric, past.phase, past.where) == asked]
    days: dict[str, list[Past]] = {}
    for past in same:
        if past.kind == kind:
            days.setdefault(past.day, []).append(past)
    today = days.pop(day, [])
    own = (found.error, found.freedom)
    if PERMITS[kind].days and len(days) >= BASELINE_DAYS:
        usual, error = _mean_of_days(list(days.values()))
        outside = _outside(found.metric, DAY_LN[kind], DAY_LN[kind] / math.sqrt(len(days)))
        change = held(found.mean - usual, own, error, *outside)
        used = f"{len(days)} earlier days, all with {kind} references"
    elif today:
        change = held(found.mean - today[0].value, own, (today[0].error, today[0].freedom))
        used = "the first set of the same day, electrodes untouched"
    else:
        lacked = _missing(
            (bool(same) and not days, "a baseline with the same kind of reference"),
            (not PERMITS[kind].days, "an earlier set of the same day (without references, days cannot be compared)"),
            (PERMITS[kind].days, f"an earlier set of the same day, or {BASELINE_DAYS} earlier days"),
        )
        return Answer("C", lacked=lacked)
    return _answer("C", found, change, CHANGE_LN, _either(change, CHANGE_LN), (used,))


def _mean_of_days(days: Sequence[Sequence[Past]]) -> tuple[float, tuple[float, float]]:
    """Mean of the days' means, and the part of its error that comes from within the sets."""
    each = [
        held(fmean(past.value for past in sets), *((past.error / len(sets), past.freedom) for past in sets))
        for sets in days
    ]
    mean = held(fmean(day.value for day in each), *((day.error / len(each), day.freedom) for day in each))
    return mean.value, (mean.error, mean.freedom)


def sides(summary: SetSummary) -> Answer:
    """Answer A: whether the indices of the two sides differ by more than ×1.3."""
    kind = summary.kind
    found = _asked(summary, ("sdi_difference",), PHASES, "both")
    lacked = _missing(
        (not PERMITS[kind].sides, "references for both sides"),
        (PERMITS[kind].sides and found is None, "the index of both sides in enough reps"),
    )
    if lacked or found is None:
        return Answer("A", lacked=lacked)
    outside = _outside("sdi", DAY_LN[kind], REFERENCE_LN)
    difference = held(found.mean, (found.error, found.freedom), *outside, *outside)
    used = (f"{kind} references on both sides",)
    return _answer("A", found, difference, SIDE_LN, _either(difference, SIDE_LN), used)


def _asked(summary: SetSummary, metrics: Sequence[str], phases: Sequence[str], where: str) -> Estimate | None:
    """Return the first estimate that has an interval."""
    for metric in metrics:
        for phase in phases:
            found = summary.estimate(metric, phase, where)
            if found is not None and math.isfinite(found.error):
                return found
    return None


def _missing(*rules: tuple[bool, str]) -> tuple[str, ...]:
    return tuple(what for holds, what in rules if holds)


def _outside(metric: str, *muscle_ln: float) -> list[tuple[float, float]]:
    """Errors of an index that its set does not show, from those of one muscle."""
    return [(error * math.sqrt(MUSCLES_IN[metric]), math.inf) for error in muscle_ln]


def _either(number: Held, limit: float) -> tuple[float, int, str]:
    """Probability that a number lies beyond the limit on the side on which it was found, that side, and the word.

    One side only, since beyond the limit on either side lies everything of which nothing is known. But "no sign" asks
    that both together are improbable.
    """
    up, down = number.above(limit), 1.0 - number.above(-limit)
    probability, direction = (up, 1) if up >= down else (down, -1)
    quiet = up + down < WORDS[2][0]
    return probability, direction, word_of(max(probability, 0.0 if quiet else WORDS[2][0]))


def _answer(
    question: str,
    found: Estimate,
    number: Held,
    limit: float,
    verdict: tuple[float, int, str],
    used: tuple[str, ...],
) -> Answer:
    probability, direction, word = verdict
    return Answer(
        question,
        found.metric,
        found.phase,
        found.where,
        word,
        probability,
        direction,
        number.value,
        number.error,
        limit,
        2 * found.at_least > found.n,
        used,
    )


def _letters(summary: SetSummary, classes: Mapping[Placement, str]) -> str:
    return ", ".join(sorted({classes[item.placement] for item in summary.references}))


def _said(band: Band) -> str:
    """Say what a band is, as factors of synergists to glutes, and how well it is known."""
    most, nearly_all = (" to ".join(f"×{end:.2f}" for end in band.indices["sdi"].range(times)) for times in (1.0, 2.0))
    knee = "" if math.isnan(band.knee_deg) else f", knee {band.knee_deg:.0f}°"
    return (
        f"young healthy adults{knee} (68 % within {most}, 95 % within {nearly_all}; grade {band.grade}, n = {band.n}, "
        f"{band.source})"
    )
