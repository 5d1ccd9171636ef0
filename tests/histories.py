"""Sets of weeks made from known numbers, as the store would remember them."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Mapping, Sequence

import numpy as np

from emgmon.model import Estimate, PastSet

NAN = math.nan
FIRST = dt.datetime(2026, 9, 1, 18, 5, tzinfo=dt.UTC)
COMPOSITION = (
    "biceps_femoris/left,biceps_femoris/right,erector_spinae/left,erector_spinae/right,"
    "gluteus_maximus/left,gluteus_maximus/right"
)


def estimate(metric: str, mean: float, error: float = 0.06, **where: str) -> Estimate:
    """An estimate of ten reps that neither rises nor falls."""
    unit = "1" if metric.startswith("share_") else "s" if metric.startswith("onset") else "ln"
    key = {"phase": "hold", "where": "both", "unit": unit} | where
    unknown = (NAN,) * 7
    low, high = mean - 2.26 * error, mean + 2.26 * error
    return Estimate(metric, key["phase"], key["where"], key["unit"], 10, mean, low, high, *unknown, error, 9.0)


def _estimate(name: str, value: float, error: float) -> Estimate:
    metric, _, where = name.partition("@")
    small = 0.2 * error if metric.startswith("share_") else 0.1 * error if metric.startswith("onset") else error
    return estimate(metric, value, small, where=where or "both")


def past(day: float, values: Mapping[str, float], *, error: float = 0.06, **changes: object) -> PastSet:
    """A set of bridges so many days after the first, with these numbers."""
    started = (FIRST + dt.timedelta(days=day)).isoformat()
    known: dict[str, object] = {
        "session": hashlib.sha256(started.encode()).hexdigest(),
        "started_utc": started,
        "index": 1,
        "exercise": "bridge_2leg",
        "exercise_title": "Glute bridge",
        "reps": 10,
        "reps_valid": 10,
        "kind": "T1",
        "device_class": "A",
        "composition": COMPOSITION,
        "tempo_s": 5.0,
        "estimates": tuple(_estimate(name, value, error) for name, value in values.items()),
    }
    return PastSet(**(known | changes))  # type: ignore[arg-type]


def indices(levels: Mapping[str, float]) -> dict[str, float]:
    """Index, ratios and shares of three levels."""
    g, h, e = (levels[group] for group in "GHE")
    return {
        "sdi": math.log(math.sqrt(h * e) / g),
        "log_ratio_h": math.log(h / g),
        "log_ratio_e": math.log(e / g),
        "share_glute": g / (g + h + e),
        "share_hamstring": h / (g + h + e),
        "share_back": e / (g + h + e),
    }


def weeks(
    days: int,
    change: float = 0.0,
    *,
    sem: float = 0.27,
    seed: int = 1,
    sets: int = 2,
    span: float = 56.0,
    **changes: object,
) -> list[PastSet]:
    """Days evenly over a span, on which the index moves by `change` in all and by `sem` from day to day."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(days):
        at = change * number / max(1, days - 1) + rng.normal(0.0, sem)
        for index in range(1, sets + 1):
            value = at + rng.normal(0.0, 0.06)
            levels = {"G": 0.4 * math.exp(-value), "H": 0.4, "E": 0.4}
            numbers = indices(levels) | {
                "symmetry@G": 0.05 + rng.normal(0.0, 0.3 * sem),
                "onset_delay_h": -0.04 * value + rng.normal(0.0, 0.012),
            }
            made.append(past(round(number * span / max(1, days - 1)), numbers, index=index, **changes))
    return made


def values_of(sets: Sequence[PastSet], metric: str = "sdi") -> list[float]:
    """The number of each set."""
    return [item.mean for each in sets if (item := each.estimate(metric, "hold"))]
