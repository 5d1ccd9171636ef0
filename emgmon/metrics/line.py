"""From the sets of one line to what changed: days, band, slope, trend and verdict."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import fmean
from typing import NamedTuple

import numpy as np
import scipy

from emgmon.exercise.reference import PERMITS
from emgmon.metrics import METRICS, SET_METRICS
from emgmon.metrics.adjusted import TREND_DAYS, estimate_of, trend_of, weeks_of
from emgmon.metrics.comparable import AMBER, RED, Asked, Gathered, Left, by_day, reasons
from emgmon.metrics.comparison import CLEAR, CLEAR_FROM, ERROR, PROBABLE, PROBABLE_FROM, Comparison, Day
from emgmon.metrics.estimates import theil_sen
from emgmon.metrics.reliability import (
    NORMAL_95,
    Reliability,
    Scale,
    default_sem,
    detectable,
    reliability,
    scale_of,
)
from emgmon.model import PastSet

BASELINE_DAYS = 3
MOST_WHYS = 2
AT_END = "the number is at the end of its scale"
FARTHEST = 1e6
"""Nothing that a body does lies so far out on any scale."""

WANTED = {metric.name: metric.direction for metric in METRICS} | {each.name: each.direction for each in SET_METRICS}
"""+1 where more is wanted, −1 where less is, 0 where neither."""


class _OfDay(NamedTuple):
    """A day on the number's scale."""

    day: str
    sets: list[PastSet]
    value: float
    error: float


def compared(asked: Asked, gathered: Gathered, title: str, unit: str, *, exploratory: bool) -> Comparison:
    """Compare the sets of one line; `gathered` must hold at least one.

    Somebody who looks after every session sees something clear by chance sooner or later. So clear is only said when
    it would have been said without the latest day too.
    """
    made = _compared(asked, gathered, title, unit, exploratory=exploratory)
    if made.word != CLEAR:
        return made
    latest = max(day.day for day in made.days if day.used)
    before = replace(gathered, kept=tuple(item for item in gathered.kept if item.day != latest))
    earlier = _compared(asked, before, title, unit, exploratory=exploratory)
    if (earlier.word, earlier.direction) == (CLEAR, made.direction):
        return made
    return replace(
        made, word=PROBABLE, notes=(f"Clear for the first time on {latest}: one more day has to agree.", *made.notes)
    )


def _compared(asked: Asked, gathered: Gathered, title: str, unit: str, *, exploratory: bool) -> Comparison:
    scale = scale_of(asked.metric, unit)
    usable = [item for item in gathered.kept if _has(item, asked, scale)]
    left = [*gathered.left, *(Left(item, AT_END) for item in gathered.kept if not _has(item, asked, scale))]
    line = gathered.kept[0]
    days = [_day(day, sets, asked, scale) for day, sets in by_day(usable)]
    permitted = line.kind in PERMITS and PERMITS[line.kind].days
    known = reliability(default_sem(asked.metric, asked.where, line.kind), [day.value for day in days])
    made = Comparison(
        asked,
        title,
        unit,
        kind=line.kind,
        device_class=line.device_class,
        simulated=line.simulated,
        reliability=known,
        smallest=scale.smallest or max(0.0, known.sem),
        wanted=WANTED.get(asked.metric, 0),
        exploratory=exploratory,
        lacked=_lacked(line.kind, len(days), known, permitted=permitted),
        notes=(*_notes(days, asked), *reasons(left)),
    )
    apart = [item for item in left if item.term and _has(item.item, asked, scale)]
    if not made.lacked:
        made = _judged(_held(made, days), days, apart)
    return replace(made, days=_shown(made, days, apart, asked))


def _has(item: PastSet, asked: Asked, scale: Scale) -> bool:
    found = item.estimate(asked.metric, asked.phase, asked.where)
    if found is None or not item.day:
        return False
    return abs(scale.there(found.mean)) < FARTHEST and found.error * scale.slope(found.mean) < FARTHEST


def _day(day: str, sets: list[PastSet], asked: Asked, scale: Scale) -> _OfDay:
    found = [estimate_of(item, asked) for item in sets]
    errors = [each.error * scale.slope(each.mean) for each in found]
    value = fmean(scale.there(each.mean) for each in found)
    return _OfDay(day, sets, value, math.sqrt(sum(error**2 for error in errors)) / len(errors))


def _lacked(kind: str, days: int, known: Reliability, *, permitted: bool) -> tuple[str, ...]:
    rules = (
        (not permitted, "references in each session: without them a level changes with every placing of electrodes"),
        (days < 2, "a second day"),
        (
            permitted and days >= 2 and not known.sem > 0.0,
            f"{TREND_DAYS} days: no table says how far this number moves from day to day with {kind} references",
        ),
    )
    return tuple(text for holds, text in rules if holds)


def _notes(days: Sequence[_OfDay], asked: Asked) -> tuple[str, ...]:
    amber = sum(any(item.placement == AMBER for item in day.sets) for day in days)
    bounds = sum(
        2 * max(found.at_most, found.at_least) > found.n
        for day in days
        for found in (estimate_of(item, asked) for item in day.sets)
    )
    pain = sum(any(item.pain >= 3.0 for item in day.sets) for day in days)
    rules = (
        (amber, f"On {_many(amber, 'day')} the placement is doubtful; they are counted{_whys(days)}."),
        (bounds, f"In {_many(bounds, 'set')} most reps give only a bound: a muscle was below its limit of detection."),
        (pain, f"On {_many(pain, 'day')} there was pain of 3 or more of 10: pain changes which muscles work."),
    )
    return tuple(text for count, text in rules if count)


def _whys(days: Sequence[_OfDay]) -> str:
    """Say of the newest days with a doubtful placement what it rests on."""
    told = {day.day: item.placement_why for day in days for item in day.sets if item.placement == AMBER}
    newest = [f"{day}: {why}" for day, why in list(told.items())[-MOST_WHYS:] if why]
    return f" ({'; '.join(newest)})" if newest else ""


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _held(made: Comparison, days: Sequence[_OfDay]) -> Comparison:
    """Hold the latest days against the first."""
    count = min(BASELINE_DAYS, len(days) // 2)
    sem = made.reliability.sem
    first, last = days[:count], days[-count:]
    baseline, latest = fmean(day.value for day in first), fmean(day.value for day in last)
    reach = detectable(sem, 1, count)
    error = math.sqrt(2.0 * sem**2 / count + sum(day.error**2 for day in (*first, *last)) / count**2)
    up, down = (
        float(scipy.special.ndtr((sign * (latest - baseline) - made.smallest) / error)) if error > 0.0 else 0.0
        for sign in (1, -1)
    )
    back = made.scale.back
    return replace(
        made,
        baseline=back(baseline),
        band=(back(baseline - reach), back(baseline + reach)),
        first=count,
        last=count,
        difference=latest - baseline,
        mdc=detectable(sem, count, count),
        probability=max(up, down),
        direction=1 if up >= down else -1,
    )


def _judged(made: Comparison, days: Sequence[_OfDay], left: Sequence[Left]) -> Comparison:
    """Add slope, trend and word."""
    trend = trend_of(made, [item for day in days for item in day.sets], left)
    if trend is not None:
        probability, direction = max((trend.up, 1), (trend.down, -1))
        sen = _slope(days) if len(days) >= TREND_DAYS else made.sen
        made = replace(made, trend=trend, sen=sen, probability=probability, direction=direction)
    beyond = made.difference * made.direction > made.mdc
    word = ERROR
    if made.probability >= CLEAR_FROM and beyond and trend is not None and not made.exploratory:
        word = CLEAR
    elif made.probability >= PROBABLE_FROM and (beyond or trend is not None):
        word = PROBABLE
    notes = list(made.notes)
    if trend is None:
        notes.insert(0, f"{_many(len(days), 'day')}: too few for a trend ({TREND_DAYS}), so nothing is called clear.")
    if trend is not None and trend.terms:
        notes.insert(0, f"The trend allows for {' and '.join(trend.terms)}.")
    return replace(made, word=word, notes=tuple(notes))


def _slope(days: Sequence[_OfDay]) -> tuple[float, float, float]:
    return theil_sen(weeks_of([day.sets[0] for day in days]), np.array([day.value for day in days]))


def _shown(made: Comparison, days: Sequence[_OfDay], apart: Sequence[Left], asked: Asked) -> tuple[Day, ...]:
    """Return all days in order, those that do not count included."""
    others = [
        (_day(day, sets, asked, made.scale), term)
        for term in sorted({item.term for item in apart})
        for day, sets in by_day([item.item for item in apart if item.term == term])
    ]
    known = [*((day, "") for day in days), *others]
    zero = min((_at_days(day) for day, _why in known), default=0.0)
    shown = [_shown_day(made, day, why, _at_days(day) - zero) for day, why in known]
    return tuple(sorted(shown, key=lambda day: (day.at_days, day.why)))


def _at_days(day: _OfDay) -> float:
    return 7.0 * float(weeks_of(day.sets[:1])[0])


def _shown_day(made: Comparison, day: _OfDay, why: str, at_days: float) -> Day:
    back, (low, high) = made.scale.back, made.band
    value = back(day.value)
    return Day(
        day.day,
        round(at_days, 6),
        len(day.sets),
        value,
        back(day.value - NORMAL_95 * day.error),
        back(day.value + NORMAL_95 * day.error),
        why,
        not why and (value < low or value > high),
        next((word for word in (RED, AMBER, "same") if any(item.placement == word for item in day.sets)), ""),
        largest([item.pain for item in day.sets]),
        largest([item.tension for item in day.sets]),
    )


def largest(values: Iterable[float]) -> float:
    """Return the largest finite value, NaN without any."""
    return max((value for value in values if math.isfinite(value)), default=math.nan)
