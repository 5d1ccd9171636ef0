"""Whether the electrodes seem to sit where they sat before, from what a session shows of each channel.

Electrodes that are placed anew with care see about the same: the level of a light reference task, the median frequency
of the same movement, the noise at rest, the biceps femoris against the semitendinosus in one contraction. Each scatters
from day to day by an amount that is known roughly (`SCATTER_LN`, a convention; from six days on a person's own counts
by n/(n + 6)). A channel's deviations from the median of earlier days that were not red are squared, in units of that
scatter, and added. A day is ``amber`` where so much in any channel comes by chance in one of 20 days, ``red`` in one of
100.

Two channels that were exchanged are told by the pattern: all levels of a session, by channel and exercise, go with the
usual ones (correlation of logarithms) much better when the two are exchanged back, and by more than days scatter. That
is ``red`` too.

Deviation: one limit for each sign (×1.6 and ×2 of level, 15 % of median frequency) marks half of all days on which
nothing moved, when eight channels are looked at (``python benchmarks/weeks.py``). Offline.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from statistics import fmean, median
from typing import NamedTuple, TypeVar

import numpy as np
import scipy

from emgmon.metrics.comparable import AMBER, RED
from emgmon.model import Array, Placement

SAME = "same"
EARLIER_DAYS, OWN_DAYS = 3, 6
"""Fewest earlier days that say what is usual, and how a person scatters."""
AMBER_CHANCE, RED_CHANCE = 1 / 20, 1 / 100
LEVEL, FREQUENCY, NOISE, RATIO = "level", "median frequency", "noise at rest", "against the semitendinosus"
SCATTER_LN = {LEVEL: 0.22, FREQUENCY: 0.10, NOISE: 0.60, RATIO: 0.28}
"""SD from day to day without any slip, ln; levels of glutes by `GLUTE_LN`."""
GLUTE_LN = 0.27
TELLING_LN = {LEVEL: math.log(1.6), FREQUENCY: math.log(1.15), NOISE: math.log(2.0), RATIO: math.log(1.6)}
"""From here on a sign is named beside the word."""
LEAST_CORRELATION, BETTER_BY = 0.9, 0.1
LEAST_PATTERN = 4
"""Fewest channels of which a pattern is made."""

Sign = tuple[str, str, str]
"""Kind of sign, channel, and anything that must be the same for it to be comparable: task, weight, exercise, unit."""


class Placed(NamedTuple):
    """The word of one day, ``same``, ``amber``, ``red`` or empty, and what it rests on, a text for each channel."""

    word: str
    why: tuple[str, ...] = ()


class Shown(NamedTuple):
    """What a day shows: signs, and the levels in its exercises by channel and exercise; all > 0."""

    signs: Mapping[Sign, float]
    pattern: Mapping[tuple[str, str], float]


def placements(days: Sequence[Shown]) -> list[Placed]:
    """Judge days in their order; a day is judged when at least three before it show the same signs."""
    usual: dict[Sign, list[float]] = defaultdict(list)
    patterns: dict[tuple[str, str], list[float]] = defaultdict(list)
    moved: dict[str, list[float]] = defaultdict(list)
    judged = []
    for shown in days:
        signs, pattern = _ln(shown.signs), _ln(shown.pattern)
        off = {sign: ln - median(usual[sign]) for sign, ln in signs.items() if len(usual[sign]) >= EARLIER_DAYS}
        found = _worse(_judged(off, usual, moved), _exchanged(pattern, patterns))
        judged.append(found)
        if found.word != RED:
            for sign, ln in signs.items():
                usual[sign].append(ln)
            for place, ln in pattern.items():
                patterns[place].append(ln)
            for kind in SCATTER_LN:
                here = [abs(ln) for (sort, _channel, _task), ln in off.items() if sort == kind]
                moved[kind] += [median(here)] if here else []
    return judged


K = TypeVar("K")


def _ln(values: Mapping[K, float]) -> dict[K, float]:
    return {key: math.log(value) for key, value in values.items() if value > 0.0 and math.isfinite(value)}


def _worse(first: Placed, second: Placed) -> Placed:
    order = ("", SAME, AMBER, RED)
    word = max(first.word, second.word, key=order.index)
    return Placed(word, (*second.why, *first.why))


def _judged(off: Mapping[Sign, float], usual: Mapping[Sign, list[float]], moved: Mapping[str, list[float]]) -> Placed:
    """Judge the deviations of one day, ln."""
    squares: dict[str, dict[str, float]] = defaultdict(dict)
    means: dict[tuple[str, str], float] = {}
    for kind, channel in dict.fromkeys((kind, channel) for kind, channel, _task in off):
        same = [sign for sign in off if sign[:2] == (kind, channel)]
        means[channel, kind] = fmean(off[sign] for sign in same)
        days = min(len(usual[sign]) for sign in same)
        variance = _scatter_ln(kind, channel, moved[kind]) ** 2 * (1.0 + math.pi / (2.0 * days))
        squares[channel][kind] = means[channel, kind] ** 2 / variance
    if not squares:
        return Placed("")
    chances = {
        channel: float(scipy.special.chdtrc(len(each), sum(each.values()))) * len(squares)
        for channel, each in squares.items()
    }
    worst = min(chances.values())
    word = RED if worst < RED_CHANCE else AMBER if worst < AMBER_CHANCE else SAME
    doubtful = sorted((c for c, chance in chances.items() if chance < AMBER_CHANCE), key=chances.__getitem__)
    return Placed(word, tuple(_why(channel, means, squares[channel]) for channel in doubtful))


def _scatter_ln(kind: str, channel: str, moved: Sequence[float]) -> float:
    """Scatter of a sign from day to day, ln: the convention, and the person's own once there are days enough."""
    place = Placement.parse(channel)
    table = GLUTE_LN if kind == LEVEL and place is not None and place.group in {"G", "D"} else SCATTER_LN[kind]
    if len(moved) < OWN_DAYS:
        return table
    own = median(moved) / 0.6745 * table / SCATTER_LN[kind]
    part = len(moved) / (len(moved) + OWN_DAYS)
    return math.sqrt(part * own**2 + (1.0 - part) * table**2)


MOST_LN = 700.0
"""The logarithm of the largest factor that can be said."""


def _why(channel: str, means: Mapping[tuple[str, str], float], squares: Mapping[str, float]) -> str:
    place = Placement.parse(channel)
    telling = [kind for kind in squares if abs(means[channel, kind]) > TELLING_LN[kind]]
    named = telling or [max(squares, key=squares.__getitem__)]
    parts = ", ".join(f"{kind} ×{math.exp(min(means[channel, kind], MOST_LN)):.2g}" for kind in named)
    return f"{place.title if place else channel}: {parts}"


def _exchanged(pattern: Mapping[tuple[str, str], float], usual: Mapping[tuple[str, str], list[float]]) -> Placed:
    """Tell whether two channels were exchanged; the word is empty when there is too little to tell."""
    known = {place: ln for place, ln in pattern.items() if len(usual.get(place, ())) >= EARLIER_DAYS}
    tasks = sorted({task for _channel, task in known})
    channels = [c for c in sorted({c for c, _task in known}) if all((c, task) in known for task in tasks)]
    if len(channels) < LEAST_PATTERN:
        return Placed("")
    now = np.array([[known[channel, task] for task in tasks] for channel in channels])
    before = np.array([[median(usual[channel, task]) for task in tasks] for channel in channels])
    alike = _correlation(now, before)
    if not alike < LEAST_CORRELATION:
        return Placed(SAME)
    best, one, other = max((_correlation(swapped, before), a, b) for a, b, swapped in _swaps(now))
    pairs = len(channels) * (len(channels) - 1) / 2.0
    if best < alike + BETTER_BY or _gained(now, before, one, other) < math.log(pairs / RED_CHANCE):
        return Placed(SAME)
    names = [place.title if (place := Placement.parse(channels[k])) else channels[k] for k in (one, other)]
    return Placed(RED, (f"{names[0]} and {names[1]} may have been exchanged",))


def _gained(now: Array, before: Array, one: int, other: int) -> float:
    """How much likelier the levels are with two channels exchanged, ln; exercises of a day share their gain."""
    here, there = now[[one, other]].mean(axis=1), before[[one, other]].mean(axis=1)
    return float(((here - there) ** 2).sum() - ((here[::-1] - there) ** 2).sum()) / (2.0 * GLUTE_LN**2)


def _swaps(levels: Array) -> Iterator[tuple[int, int, Array]]:
    for one, other in combinations(range(len(levels)), 2):
        swapped = levels.copy()
        swapped[[one, other]] = levels[[other, one]]
        yield one, other, swapped


def _correlation(first: Array, second: Array) -> float:
    a, b = first - first.mean(), second - second.mean()
    length = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / length if length > 0.0 else math.nan
