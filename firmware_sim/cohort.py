"""Weeks of sessions of virtual users: what is the same each day, what is not, and what really changed.

A user has a person (`firmware_sim.person`) and a *course*: what happens to them over the weeks. Each day brings its own
effort in the reference contractions and its own habit in the exercises, both correlated between muscles, although the
program takes days for independent and all users for alike. Two ways lead from a day to numbers:

- `Day.seen_ln`: the level of each muscle as references make it, in ln, without any signal;
- `Weeks.script` and `Weeks.body`: the same day as drive and electrodes, from which sensors make bytes.

The first is what the second would show if nothing were lost on the way from muscle to number.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from firmware_sim.body import Artefacts, Body
from firmware_sim.emg import Generator
from firmware_sim.habits import performed_by
from firmware_sim.person import EFFORT_CORRELATION, REP_CORRELATION, REP_CV, REP_TREND, Person, draw_day, draw_person
from firmware_sim.wearer import Script, Site, bridges

Array = NDArray[np.float64]
Kind = Literal["steady", "change", "slip", "drift", "practice"]

KINDS: tuple[Kind, ...] = ("steady", "change", "slip", "drift", "practice")
"""Nothing changes; the habit changes evenly from the first day to the last; on a tenth of the days an electrode slips
between references and set; the gain of each electrode falls between them, more on some than on others; references
are done better and better in the first weeks."""

GLUTE, HAMSTRING, BACK = TRIO = ("gluteus_maximus", "biceps_femoris", "erector_spinae")
SIDES = ("left", "right")
DAY_LN, DAY_SPREAD, DAY_RANGE_LN = 0.19, 0.35, (0.08, 0.36)
"""One muscle's scatter from day to day, ln: median, SD of its log between users, and the range that studies found."""
GLUTE_FACTOR = 1.2
"""Glutes scatter more: their electrodes are harder to place again."""
EFFORT_SHARE = (0.3, 0.7)
"""Part of the variance between days that comes from the reference contractions; the rest is habit."""
SLIP_LN, SLIP_SHARE = 0.5, 0.1
DRIFT = (0.10, 0.30)
"""Share of gain that is lost between references and set."""
PRACTICE_LN, PRACTICE_DAYS = 0.2, 10.0
"""References reach so much less on the first day; days until a third of that is left."""
LEVEL_SPREAD = 0.4
"""Scatter of one muscle's level between people, ln."""
DAYS_A_WEEK = (0.0, 2.0, 4.0)


@dataclass(frozen=True, slots=True)
class Day:
    """One session of a user; all mappings are by muscle of `TRIO`, in ln.

    Attributes
    ----------
    number : int
        From 0.
    at_days : float
        Since the first session.
    usual_ln : mapping
        Level in the exercise that the person's habit has by now: the truth, without the day's own scatter.
    habit_ln : mapping
        What this day adds to it.
    effort_ln : mapping
        Share of the true maximum that the references reach, at most 0.
    gain_ln : mapping
        What electrodes lose or win between references and set.
    """

    number: int
    at_days: float
    usual_ln: Mapping[str, float]
    habit_ln: Mapping[str, float]
    effort_ln: Mapping[str, float]
    gain_ln: Mapping[str, float]

    @property
    def seen_ln(self) -> dict[str, float]:
        """Level in the exercise as a fraction of the day's reference, ln."""
        return {m: self.usual_ln[m] + self.habit_ln[m] + self.gain_ln[m] - self.effort_ln[m] for m in TRIO}


def index_ln(level_ln: Mapping[str, float]) -> float:
    """Synergists to glutes, ln: the mean of hamstrings and back less the glutes."""
    return 0.5 * (level_ln[HAMSTRING] + level_ln[BACK]) - level_ln[GLUTE]


@dataclass(frozen=True, slots=True)
class Weeks:
    """One user over weeks.

    Attributes
    ----------
    seed : int
        Same seed, same person, days and repetitions.
    kind : str
        One of `KINDS`.
    person : Person
    day_ln : float
        Scatter of a muscle between days that was drawn or given.
    days : tuple of Day
    """

    seed: int
    kind: Kind
    person: Person
    day_ln: float
    days: tuple[Day, ...]

    @property
    def change_ln(self) -> float:
        """How much the index really changed from the first day to the last."""
        return index_ln(self.days[-1].usual_ln) - index_ln(self.days[0].usual_ln)

    def reps_ln(self, day: Day, count: int, exercise: int = 0) -> Array:
        """Levels of each repetition as fractions of the reference, ln, shape (count, 3) in the order of `TRIO`.

        Repetitions scatter by 12 %, resemble their neighbours, and drift by up to 3 % each, all by muscle. `exercise`
        is any number that differs between the exercises of a day.
        """
        rng = np.random.default_rng([self.seed, 73, day.number, exercise])
        noise = rng.standard_normal((count, len(TRIO)))
        for k in range(1, count):
            noise[k] = REP_CORRELATION * noise[k - 1] + np.sqrt(1.0 - REP_CORRELATION**2) * noise[k]
        trend = rng.uniform(-REP_TREND, REP_TREND, len(TRIO)) * (np.arange(count) - (count - 1) / 2)[:, None]
        return np.asarray([day.seen_ln[m] for m in TRIO] + REP_CV * noise + trend)

    def script(self, day: Day, reps: int) -> Script:
        """Two-leg bridges of this day, references before them, without any takeover within the set."""
        plain = bridges(reps, seed=1000 * self.seed + day.number, takeover=False)
        person = replace(
            self.person,
            effort={**self.person.effort, **{m: float(np.exp(day.effort_ln[m])) for m in TRIO}},
            level_z={**self.person.level_z, **{m: self._level_z(plain, m, day) for m in TRIO}},
        )
        return performed_by(person, plain, seed=1000 * self.seed + day.number, level_cv=_LEVEL_CV, rep_cv=REP_CV)

    def _level_z(self, plain: Script, muscle: str, day: Day) -> float:
        """Turn the wanted level of a muscle into what `Person.level` makes it of; holds are at the plain level."""
        sigma = float(np.sqrt(np.log1p(_LEVEL_CV**2)))
        held = [
            plain.drive[muscle, side][int(rep.top_s * 500) + 50 : int(rep.release_s * 500) - 50].mean()
            for rep in plain.reps
            for side in SIDES
        ]
        wanted_ln = day.usual_ln[muscle] + day.habit_ln[muscle] - float(np.log(np.mean(held)))
        return (wanted_ln + sigma**2 / 2) / sigma

    def body(self, day: Day, *, generator: Generator = "motor_units", artefacts: Artefacts | None = None) -> Body:
        """Electrodes of this day: new gain, spectrum and noise, and what they lose between references and set."""
        lost: dict[Site, float] = {(m, side): float(np.exp(day.gain_ln[m])) for m in TRIO for side in SIDES}
        return Body(
            generator=generator,
            person=self.person,
            day=draw_day(self.person, day.number),
            artefacts=artefacts or Artefacts(),
            tiring=True,
            set_gain=lost,
        )


_LEVEL_CV = 0.5


def draw_weeks(
    seed: int,
    kind: Kind,
    sessions: int = 24,
    *,
    change_ln: float = 0.0,
    day_ln: float | None = None,
    independent: bool = False,
) -> Weeks:
    """Draw a user and their weeks, three sessions in each.

    Parameters
    ----------
    seed : int
    kind : str
        One of `KINDS`.
    sessions : int
        At least 1.
    change_ln : float
        Of the index, from the first session to the last, for the kind ``change``: half by the glutes, half by both
        others.
    day_ln : float, optional
        Scatter of a muscle between days; drawn when absent.
    independent : bool
        Muscles scatter independently from day to day, as published tables take them, and all of it is habit: the
        index then scatters by exactly what the tables say.

    Raises
    ------
    ValueError
        Unknown kind, or no sessions.
    """
    if kind not in KINDS or sessions < 1:
        raise ValueError(f"a course is one of {', '.join(KINDS)}, of 1 session or more; not {kind!r}, {sessions}")
    person = draw_person(seed)
    rng = np.random.default_rng([seed, 71])
    if day_ln is None:
        day_ln = float(np.clip(DAY_LN * np.exp(DAY_SPREAD * rng.standard_normal()), *DAY_RANGE_LN))
    together = np.random.default_rng([seed, 72]).uniform(0.0, 0.5)
    share = 0.0 if independent else rng.uniform(*EFFORT_SHARE)
    mean_ln = {m: float(np.log(_MEAN[m]) + LEVEL_SPREAD * person.level_z[m]) for m in TRIO}
    learning = PRACTICE_LN * rng.uniform(0.5, 1.5, len(TRIO))
    days = []
    for number in range(sessions):
        at_days = 7.0 * (number // 3) + DAYS_A_WEEK[number % 3]
        effort, habit = (
            _scatter(rng, day_ln * np.sqrt(part), 0.0 if independent else correlation)
            for part, correlation in ((share, EFFORT_CORRELATION), (1.0 - share, together))
        )
        gain = np.zeros(len(TRIO))
        if kind == "slip" and rng.random() < SLIP_SHARE:
            gain[rng.integers(len(TRIO))] = rng.normal(0.0, SLIP_LN)
        if kind == "drift":
            gain = np.log(1.0 - rng.uniform(*DRIFT, len(TRIO)))
        if kind == "practice":
            effort = effort - learning * np.exp(-at_days / PRACTICE_DAYS)
        moved = change_ln * (number / max(sessions - 1, 1)) if kind == "change" else 0.0
        usual = {m: mean_ln[m] + _PART[m] * moved for m in TRIO}
        reached = {m: min(float(np.log(person.effort[m]) + e), 0.0) for m, e in zip(TRIO, effort, strict=True)}
        days.append(Day(number, at_days, usual, _by_muscle(habit), reached, _by_muscle(gain)))
    return Weeks(seed, kind, person, day_ln, tuple(days))


_MEAN = {GLUTE: 0.22, HAMSTRING: 0.21, BACK: 0.22}
_PART = {GLUTE: -0.5, HAMSTRING: 0.5, BACK: 0.5}


def _by_muscle(values: Array) -> dict[str, float]:
    return dict(zip(TRIO, values.tolist(), strict=True))


def _scatter(rng: np.random.Generator, spread_ln: float, correlation: float) -> Array:
    """Draw a day's deviations of the three muscles."""
    common = rng.standard_normal()
    own = rng.standard_normal(len(TRIO))
    each = np.sqrt(correlation) * common + np.sqrt(1.0 - correlation) * own
    return np.asarray(spread_ln * each * [GLUTE_FACTOR, 1.0, 1.0])
