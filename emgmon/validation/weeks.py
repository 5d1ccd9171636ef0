"""Rows about weeks: what is said of users in whom nothing changed, and in whom something did.

Days are drawn as numbers by `firmware_sim.cohort`, whose rules are wider than what the program takes for granted: users
scatter unlike each other, muscles move together, references are never quite maximal. The row ``cohort`` holds these
numbers against the same days as signals.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from emgmon.exercise.reference_bands import bands_of
from emgmon.metrics.comparison import CLEAR, ERROR, Comparison
from emgmon.metrics.estimates import interval
from emgmon.metrics.pattern import Seen, pattern_of
from emgmon.metrics.questions import unusual
from emgmon.metrics.weeks import compare
from emgmon.model import Estimate, PastSet
from emgmon.validation.people import CLASSES, DAY_LN, LASTING_LN, drawn_set
from emgmon.validation.table import Conditions, Measurement
from firmware_sim.cohort import Day, Weeks, draw_weeks

EXERCISE, REPS = "bridge_2leg", 12
FIRST_DAY = dt.date(2026, 1, 5)
EIGHT_WEEKS = 24
USERS_A_SEED = 10
PLANS = {12: 2.00, 18: 1.79, 24: 1.67, 36: 1.53}
"""Sessions to the total change that they find in 80 of 100 cases, with a scatter of 0.27 between days."""
PLANNED_LN = 0.19
SECOND, SECOND_CORRELATION = "deadlift_conv", 0.6
"""An exercise of another family, and how alike people are in both."""
UNCHANGED = ("steady", "drift", "practice", "slip")


def past_of(weeks: Weeks, day: Day, number: int) -> PastSet:
    """Make of a virtual day what the store would remember of its set."""
    levels = weeks.reps_ln(day, REPS)
    values = 0.5 * (levels[:, 1] + levels[:, 2]) - levels[:, 0]
    index = np.arange(1.0, REPS + 1)
    found = interval(index, values)
    nothing = (math.nan,) * 4
    slopes = (found.slope, found.slope - found.slope_half, found.slope + found.slope_half)
    estimate = Estimate(
        "sdi", "hold", "both", "ln", REPS, float(values.mean()), found.low, found.high, *nothing, *slopes,
        found.error, found.freedom,
    )  # fmt: skip
    date = FIRST_DAY + dt.timedelta(days=round(day.at_days))
    return PastSet(
        f"{number:064x}", f"{date}T08:00:00+00:00", 1, EXERCISE, EXERCISE, REPS, REPS, "T1", "A", "worn",
        tempo_s=5.0, hold_s=2.0, coverage=1.0, simulated=True, estimates=(estimate,),
    )  # fmt: skip


def history_of(weeks: Weeks) -> list[PastSet]:
    """All sets of a virtual user, oldest first."""
    return [past_of(weeks, day, number) for number, day in enumerate(weeks.days)]


def _asked(history: Sequence[PastSet]) -> Comparison:
    return compare(history, EXERCISE, phase="hold")


def _users(seeds: range) -> list[int]:
    """Seeds of the virtual users behind the seeds of a row."""
    return [100 * seed + user for seed in seeds for user in range(USERS_A_SEED)]


def trend(seeds: range, quick: bool) -> Sequence[Measurement]:
    """Share of users told of a change where there is none, at the end and at any look, and where there is one, %."""
    del quick
    out: list[Measurement] = []
    users = _users(seeds)
    draws: dict[str, Callable[[int], Weeks]] = {
        "as planned": lambda seed: draw_weeks(seed, "steady", day_ln=PLANNED_LN, independent=True)
    }
    draws |= {kind: _drawer(kind) for kind in UNCHANGED}
    for name, draw in draws.items():
        told = [_asked(history_of(draw(seed))) for seed in users]
        here: Conditions = {"users": name, "change": "none", "sessions": float(EIGHT_WEEKS)}
        out.append(_share("told clear", [item.word == CLEAR for item in told], seeds, here))
        out.append(_share("told probable or clear", [item.word != ERROR for item in told], seeds, here))
    looked = [_ever_clear(history_of(draws["steady"](seed))) for seed in users[::4]]
    here = {"users": "steady, looked at after each session", "change": "none", "sessions": float(EIGHT_WEEKS)}
    out.append(_share("told clear at any look", looked, seeds, here))
    for sessions, factor in PLANS.items():
        found = [_asked(history_of(_changed(seed, sessions, factor))) for seed in users]
        here = {"users": "as planned", "change": f"×{factor:.2f} or its inverse", "sessions": float(sessions)}
        beyond = [item.trend is not None and (item.trend.low > 0.0 or item.trend.high < 0.0) for item in found]
        out.append(_share("interval without zero", beyond, seeds, here))
        out.append(_share("told probable or clear", [item.word != ERROR for item in found], seeds, here))
        out.append(_share("told clear", [item.word == CLEAR for item in found], seeds, here))
    return out


def _drawer(kind: str) -> Callable[[int], Weeks]:
    return lambda seed: draw_weeks(seed, kind)  # type: ignore[arg-type]


def _changed(seed: int, sessions: int, factor: float) -> Weeks:
    sign = 1.0 if seed % 2 else -1.0
    change_ln = sign * math.log(factor)
    return draw_weeks(seed, "change", sessions, change_ln=change_ln, day_ln=PLANNED_LN, independent=True)


def _ever_clear(history: Sequence[PastSet]) -> bool:
    return any(_asked(history[:count]).word == CLEAR for count in range(2, len(history) + 1))


def _share(measure: str, true: Sequence[bool], seeds: range, conditions: Conditions) -> Measurement:
    return Measurement(measure, 100.0 * float(np.mean(true)), "%", len(true), seeds, conditions)


@cache
def _bands() -> dict[str, tuple[float, float]]:
    """Mean and spread of published groups in both exercises."""
    usable = {name: next(band for band in bands_of(name) if band.usable) for name in (EXERCISE, SECOND)}
    return {name: (band.indices["sdi"].mean, band.indices["sdi"].spread) for name, band in usable.items()}


def pattern(seeds: range, quick: bool) -> Sequence[Measurement]:
    """Healthy users told of a pattern at any time within eight weeks, %, and at the end of them."""
    del quick
    ever, at_end, once = [], [], []
    for seed in _users(seeds):
        seen = healthy_answers(np.random.default_rng([seed, 63]))
        holds = [pattern_of(seen[: 2 * count]).holds for count in range(1, EIGHT_WEEKS + 1)]
        ever.append(any(holds))
        at_end.append(holds[-1])
        once.append(seen[0].answer.word.startswith("clear"))
    here: Conditions = {"users": "healthy"}
    return [
        _share("told within 8 weeks", ever, seeds, here),
        _share("told in the last session", at_end, seeds, here),
        _share("clear in the first set", once, seeds, here),
    ]


def healthy_answers(rng: np.random.Generator) -> list[Seen]:
    """Answers to N of a healthy user in both exercises of each session, which have the day's references in common."""
    bands = _bands()
    common = rng.standard_normal()
    lasting = rng.normal(0.0, LASTING_LN)
    own = {}
    for name, (mean, spread) in bands.items():
        z = math.sqrt(SECOND_CORRELATION) * common + math.sqrt(1.0 - SECOND_CORRELATION) * rng.standard_normal()
        own[name] = mean + spread * z + lasting
    seen = []
    for number in range(EIGHT_WEEKS):
        reference = rng.normal(0.0, DAY_LN * math.sqrt(0.5))
        for name in bands:
            day = reference + rng.normal(0.0, DAY_LN * math.sqrt(0.5))
            seen.append(Seen(f"{number}", name, unusual(drawn_set(rng, own[name] + day, name), CLASSES)))
    return seen
