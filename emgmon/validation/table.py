"""The shape of the table: rows with limits, measurements, and the one place where a verdict is made."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

Condition = str | float
Conditions = Mapping[str, Condition]


class Verdict(StrEnum):
    """What became of a limit, or of a row."""

    MET = "met"
    MISSED = "missed"
    NOT_MEASURED = "not measured"
    REPORTED = "reported"


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound on one measure, wherever the conditions in `where` hold.

    Attributes
    ----------
    measure : str
    bound : float
        In the unit of the measure.
    at_least : bool
        Whether the bound is the lower one.
    size : bool
        Whether the magnitude is bounded: a bias may have either sign.
    where : mapping
        Conditions that a measurement must have; empty for all.
    """

    measure: str
    bound: float
    at_least: bool = False
    size: bool = False
    where: Conditions | None = None

    def concerns(self, measurement: Measurement) -> bool:
        """Whether the measurement is one that this limit bounds."""
        wanted = self.where or {}
        return self.measure == measurement.measure and all(
            measurement.conditions.get(key) == value for key, value in wanted.items()
        )

    def holds(self, value: float) -> bool:
        """Whether a value is within; what is not finite is not."""
        if not math.isfinite(value):
            return False
        value = abs(value) if self.size else value
        return value >= self.bound if self.at_least else value <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number with what it was measured under.

    Attributes
    ----------
    measure : str
        Name, as limits call it.
    value : float
    unit : str
    n : int
        Things that were judged (repetitions, sets, minutes …).
    seeds : range
        Of the simulations behind it.
    conditions : mapping
        For example ``{"generator": "motor units", "device": "A", "snr_db": 20.0}``.
    """

    measure: str
    value: float
    unit: str
    n: int
    seeds: range
    conditions: Conditions


Function = Callable[[range, bool], Sequence[Measurement]]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what is promised, and how it is measured.

    Attributes
    ----------
    id : str
        Short name, for ``--rows``.
    quantity : str
        What is measured, in words of the field.
    target : str
        The promise as a sentence.
    limits : tuple of Limit
        The promise as numbers.
    conditions : str
        How it is measured; or, without a function, why it is not.
    measure : callable, optional
        Takes the seeds and whether to be quick.
    n_seeds, n_quick : int
        How many seeds the function is given.
    """

    id: str
    quantity: str
    target: str
    limits: tuple[Limit, ...]
    conditions: str
    measure: Function | None = None
    n_seeds: int = 12
    n_quick: int = 2


@dataclass(frozen=True, slots=True)
class Judged:
    """A measurement with the limit that it has to keep, if any, and whether it does."""

    measurement: Measurement
    limit: Limit | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Result:
    """A row that was run: its verdict and what it rests on; `why` says what went wrong, `cpu_s` what it took."""

    row: Row
    verdict: Verdict
    judged: tuple[Judged, ...]
    cpu_s: float = 0.0
    why: str = ""


def judge(row: Row, measurements: Iterable[Measurement]) -> tuple[Verdict, tuple[Judged, ...]]:
    """Hold measurements against a row's limits.

    Returns
    -------
    Verdict
        ``missed`` when any bounded measure is outside or not a number; ``not measured`` when nothing was measured, or
        a limit bounded nothing; ``reported`` when the row has no limits; else ``met``.
    tuple of Judged
        Each measurement, once for each limit that bounds it.
    """
    taken = list(measurements)
    judged: list[Judged] = []
    for measurement in taken:
        limits = [limit for limit in row.limits if limit.concerns(measurement)]
        judged += [
            Judged(measurement, limit, Verdict.MET if limit.holds(measurement.value) else Verdict.MISSED)
            for limit in limits
        ] or [Judged(measurement, None, Verdict.REPORTED)]
    idle = any(not any(limit.concerns(m) for m in taken) for limit in row.limits)
    if any(item.verdict is Verdict.MISSED for item in judged):
        verdict = Verdict.MISSED
    elif not taken or idle:
        verdict = Verdict.NOT_MEASURED
    else:
        verdict = Verdict.MET if row.limits else Verdict.REPORTED
    return verdict, tuple(judged)
