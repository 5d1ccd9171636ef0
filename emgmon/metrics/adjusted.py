"""The trend of a line of sets, with terms for what else may explain a difference."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from emgmon.metrics.comparable import KNEE_DEG, RED, Asked, Left
from emgmon.metrics.comparison import Comparison, Trend
from emgmon.metrics.trend import fit
from emgmon.model import Array, Estimate, PastSet

TREND_DAYS = 6
"""Fewest days of a trend: three points always lie near some line."""
DAYS_PER_TERM = 4
"""Days that each further term of the model needs."""
LINE_POINTS = 25


class Term(NamedTuple):
    """What else may explain a difference: how it is read from a set, and how far it must vary to be worth a term."""

    read: Callable[[PastSet], float]
    varies: float


def _ln(value: float) -> float:
    return math.log(value) if value > 0.0 else math.nan


TERMS = {
    "load": Term(lambda item: _ln(item.load_kg), math.log(1.1)),
    "knee": Term(lambda item: item.knee_deg / KNEE_DEG, 1.0),
    "tempo": Term(lambda item: _ln(item.tempo_s), math.log(1.25)),
    "pain": Term(lambda item: item.pain / 3.0, 1.0),
}


def estimate_of(item: PastSet, asked: Asked) -> Estimate:
    """Return the number that was asked for, of a set that has it; raises `KeyError` otherwise."""
    found = item.estimate(asked.metric, asked.phase, asked.where)
    if found is None:
        raise KeyError(asked)
    return found


def weeks_of(items: Sequence[PastSet]) -> Array:
    """Time of each set's day in weeks since 1970; sets of one day have one time."""
    days = [moment.date().toordinal() for item in items if (moment := item.started)]
    return np.array(days, np.float64) / 7.0


def trend_of(made: Comparison, kept: Sequence[PastSet], left: Sequence[Left] = ()) -> Trend | None:
    """Fit the mixed model; None when the columns cannot be told apart.

    Sets that were left out for their weight or knee angle come in again where the model can hold a term for it.
    """
    for terms in _choices(kept, left):
        sets = [*kept, *(item.item for item in left if _returns(item, kept, terms))]
        found = _fitted(made, sorted(sets, key=lambda item: (item.day, item.session, item.index)), kept, terms)
        if found is not None:
            return found
    return None


def _choices(kept: Sequence[PastSet], left: Sequence[Left]) -> list[tuple[str, ...]]:
    """Return the terms to try: those that vary and are known of every set, fewer and fewer, none at last."""
    terms: list[str] = []
    for name, term in TERMS.items():
        sets = [*kept, *(item.item for item in left if item.term == name and item.item.placement != RED)]
        values = [term.read(item) for item in sets]
        varied = all(map(math.isfinite, values)) and max(values) - min(values) > term.varies
        if varied and _days(sets) >= TREND_DAYS + DAYS_PER_TERM * (len(terms) + 1):
            terms.append(name)
    return [tuple(terms[:count]) for count in range(len(terms), -1, -1)]


def _days(sets: Sequence[PastSet]) -> int:
    return len({item.day for item in sets})


def _returns(item: Left, kept: Sequence[PastSet], terms: Sequence[str]) -> bool:
    if item.term not in terms or item.item.placement == RED:
        return False
    if not all(math.isfinite(TERMS[name].read(item.item)) for name in terms):
        return False
    knees = [each.knee_deg for each in kept if math.isfinite(each.knee_deg)]
    return "knee" in terms or not knees or not abs(item.item.knee_deg - float(np.median(knees))) > KNEE_DEG


def _fitted(made: Comparison, sets: Sequence[PastSet], kept: Sequence[PastSet], terms: Sequence[str]) -> Trend | None:
    scale, asked = made.scale, made.asked
    found = [estimate_of(item, asked) for item in sets]
    value = np.array([scale.there(each.mean) for each in found])
    error = np.array([each.error * scale.slope(each.mean) for each in found])
    if not (np.isfinite(value).all() and np.isfinite(error).all()):
        return None
    weeks = weeks_of(sets)
    middle, span = float(weeks.mean()), float(weeks.max() - weeks.min())
    usual = [float(np.median([TERMS[name].read(item) for item in kept])) for name in terms]
    others = [[TERMS[name].read(item) - at for item in sets] for name, at in zip(terms, usual, strict=True)]
    design = np.column_stack([np.ones(len(sets)), weeks - middle, *others])
    days, number = np.unique(weeks, return_inverse=True)
    posterior = fit(number, design, value, error, made.reliability.table) if len(days) >= TREND_DAYS else None
    if posterior is None:
        return None
    none = [0.0] * len(terms)
    along = np.array([0.0, span, *none])
    low, high = posterior.bounds(along)
    times = np.linspace(weeks.min(), weeks.max(), LINE_POINTS)
    at = np.array([[1.0, week - middle, *none] for week in times])
    return Trend(
        change=posterior.centre(along),
        low=float(low),
        high=float(high),
        slope_week=posterior.centre(along) / span,
        up=posterior.above(along, made.smallest),
        down=1.0 - posterior.above(along, -made.smallest),
        terms=tuple(terms),
        days=len(days),
        sets=len(sets),
        begins=sets[0].day,
        line=tuple(
            (7.0 * float(week - times[0]), scale.back(posterior.centre(point)), scale.back(lower), scale.back(upper))
            for week, point, (lower, upper) in zip(times, at, posterior.bounds(at).tolist(), strict=True)
        ),
    )
