"""What a comparison over weeks finds, and the three words in which it may be said."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from emgmon.metrics.comparable import Asked
from emgmon.metrics.reliability import Reliability, Scale, scale_of

ERROR, PROBABLE, CLEAR = "within measurement error", "probable", "clear"
PROBABLE_FROM, CLEAR_FROM = 0.80, 0.95


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a line, in the unit of its metric.

    Attributes
    ----------
    day : str
        ``2026-11-22``.
    at_days : float
        Days since the first one that is shown.
    sets : int
    value, low, high : float
        Mean of the day's sets, and its 95 % interval from within the sets (not for comparing days).
    why : str
        Why the day is shown and not counted: ``placement``, ``load``, ``knee``; empty for one that counts.
    outside : bool
        Outside the band in which single days lie when nothing changed.
    placement : str
        Worst of the day, as in `PastSet`.
    pain, tension : float
        Largest of the day, 0 to 10; NaN where not told.
    """

    day: str
    at_days: float
    sets: int
    value: float
    low: float
    high: float
    why: str = ""
    outside: bool = False
    placement: str = ""
    pain: float = math.nan
    tension: float = math.nan

    @property
    def used(self) -> bool:
        """Whether the day counts."""
        return not self.why


@dataclass(frozen=True, slots=True)
class Trend:
    """A line through the days, from the mixed model.

    Attributes
    ----------
    change, low, high : float
        From the first day to the last, on the number's scale, with its 95 % interval.
    slope_week : float
        On the scale, per week.
    up, down : float
        Probability of a change by more than the smallest one that is asked for.
    terms : tuple of str
        What else the model allows for: ``load``, ``knee``, ``tempo``, ``pain``.
    days, sets : int
    begins : str
        Day of the first set.
    line : tuple of (days since `begins`, value, low, high)
        In the metric's unit.
    """

    change: float
    low: float
    high: float
    slope_week: float
    up: float
    down: float
    terms: tuple[str, ...]
    days: int
    sets: int
    begins: str
    line: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One number of one exercise over weeks.

    Attributes
    ----------
    asked : Asked
    title, unit : str
        Of the exercise; unit of the number.
    kind, device_class : str
    simulated : bool
    days : tuple of Day
    baseline : float
        Mean of the first days, in the metric's unit; NaN without a band. `band` is where single days lie in 95 of 100
        cases when nothing changed.
    first, last : int
        Days in the baseline, and latest days that are held against it.
    difference, mdc : float
        Latest days less baseline on the scale, and the minimal detectable change of that.
    sen : tuple of float
        Theil–Sen slope per week on the scale with its 95 % interval; NaN below `TREND_DAYS`.
    trend : Trend or None
    probability : float
        Of a change beyond `smallest` in `direction`; NaN without a verdict.
    direction : int
        +1 up, −1 down, 0 without a verdict. `wanted` is the direction that is an improvement, 0 when neither is.
    word : str
        One of the three words; empty when nothing can be said.
    exploratory : bool
        Not the number that was chosen beforehand.
    lacked, notes : tuple of str
        Why there is no verdict; what else should be known.
    """

    asked: Asked
    title: str
    unit: str
    kind: str = ""
    device_class: str = ""
    simulated: bool = False
    days: tuple[Day, ...] = ()
    baseline: float = math.nan
    band: tuple[float, float] = (math.nan, math.nan)
    first: int = 0
    last: int = 0
    difference: float = math.nan
    mdc: float = math.nan
    reliability: Reliability = field(default_factory=lambda: Reliability(math.nan, math.nan, math.nan, 0))
    sen: tuple[float, float, float] = (math.nan, math.nan, math.nan)
    trend: Trend | None = None
    smallest: float = 0.0
    probability: float = math.nan
    direction: int = 0
    wanted: int = 0
    word: str = ""
    exploratory: bool = False
    lacked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def scale(self) -> Scale:
        """Scale of the number."""
        return scale_of(self.asked.metric, self.unit)

    @property
    def reach(self) -> float:
        """How far the band reaches from the baseline, on the scale: what a single day must exceed."""
        return self.scale.there(self.band[1]) - self.scale.there(self.baseline)

    @property
    def change(self) -> float:
        """Change on the scale: of the trend where there is one, else between first and latest days."""
        return self.trend.change if self.trend else self.difference

    @property
    def ends(self) -> tuple[float, float]:
        """First and last value of the trend, else baseline and latest days, in the metric's unit."""
        if self.trend:
            return self.trend.line[0][1], self.trend.line[-1][1]
        return self.baseline, self.scale.back(self.scale.there(self.baseline) + self.difference)
