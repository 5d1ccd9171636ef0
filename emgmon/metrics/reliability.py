"""How far a number moves from day to day though nothing changed, and how large a change must be to be more than that.

Each number has a scale on which its error is about the same everywhere: log-ratios as they are, shares by their logit
(the logit of the glutes' share is ln(G/(H + E))), levels by their logarithm, everything else as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from emgmon.metrics.questions import CHANGE_LN, DAY_LN
from emgmon.model import Placement

GLUTE_FACTOR = 1.2
"""Glutes move more than other muscles, as their signal depends on where the electrodes sit. A convention."""
GLUTEAL = frozenset("GD")

OWN_SESSIONS = 6
"""From so many days on a person's own scatter counts, by n/(n + 6)."""
NORMAL_95 = 1.959964

MUSCLES_OF: dict[str, dict[str, float]] = {
    "sdi": {"G": 1.0, "H": 0.5, "E": 0.5},
    "log_ratio_h": {"G": 1.0, "H": 1.0},
    "log_ratio_e": {"G": 1.0, "E": 1.0},
    "log_ratio_he": {"H": 1.0, "E": 1.0},
    "share_glute": {"G": 1.0, "H": 0.5, "E": 0.5},
    "share_hamstring": {"G": 0.5, "H": 1.0, "E": 0.5},
    "share_back": {"G": 0.5, "H": 0.5, "E": 1.0},
    "sdi_difference": {"G": math.sqrt(2.0), "H": math.sqrt(0.5), "E": math.sqrt(0.5)},
}
"""Weight of each muscle's log level in a number; of shares where the other two muscles are alike."""
SHARES = frozenset({"share_glute", "share_hamstring", "share_back"})
LEVELS = frozenset({"level", "peak", "arv", "integral"})


class Scale(NamedTuple):
    """The scale on which a number is compared, and the smallest change on it that is asked for (0: any)."""

    there: Callable[[float], float]
    back: Callable[[float], float]
    slope: Callable[[float], float]
    smallest: float


def _logit(share: float) -> float:
    return math.log(share / (1.0 - share)) if 0.0 < share < 1.0 else math.nan


def _share(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-700.0, min(700.0, logit))))


def _ln(level: float) -> float:
    return math.log(level) if level > 0.0 else math.nan


def _same(value: float) -> float:
    return value


RATIO = Scale(_same, _same, lambda _value: 1.0, CHANGE_LN)
SHARE = Scale(_logit, _share, lambda s: 1.0 / (s * (1.0 - s)) if 0.0 < s < 1.0 else math.nan, CHANGE_LN)
LEVEL = Scale(
    _ln, lambda ln: math.exp(max(-700.0, min(700.0, ln))), lambda v: 1.0 / v if v > 0.0 else math.nan, CHANGE_LN
)
PLAIN = Scale(_same, _same, lambda _value: 1.0, 0.0)


def scale_of(metric: str, unit: str) -> Scale:
    """Return the scale of a metric in its unit: ratio, share, level or plain."""
    if metric in SHARES:
        return SHARE
    if metric in LEVELS:
        return LEVEL
    return RATIO if unit == "ln" else PLAIN


def default_sem(metric: str, where: str, kind: str) -> float:
    """Return the standard error of a number between days, on its scale, before anything is known of the person.

    Parameters
    ----------
    metric, where : str
        As in `Estimate`.
    kind : str
        Of the references.

    Returns
    -------
    float
        From 0.19 (maximal) and 0.10 (light references) for each muscle, glutes ×1.2; 0.27 for the index with maximal
        ones. NaN for kinds of reference that permit no comparison of days, and for numbers of which nothing is known.
    """
    muscle = DAY_LN.get(kind, math.nan)
    weights = MUSCLES_OF.get(metric)
    if metric == "symmetry":
        weights = {where: math.sqrt(2.0)}
    elif metric in LEVELS:
        place = Placement.parse(where)
        weights = {place.group: 1.0} if place else None
    if weights is None:
        return math.nan
    parts = ((weight * (GLUTE_FACTOR if group in GLUTEAL else 1.0)) ** 2 for group, weight in weights.items())
    return muscle * math.sqrt(sum(parts))


class Reliability(NamedTuple):
    """Standard error between days that is used, the table's, the person's own (NaN below six days), and the days."""

    sem: float
    table: float
    own: float
    days: int

    @property
    def source(self) -> str:
        """Where the error that is used comes from, in words."""
        if math.isnan(self.own):
            return "a table (not yet your own)"
        part = self.days / (self.days + OWN_SESSIONS)
        return f"your own {self.days} days ({part:.0%}) and a table" if self.table > 0 else f"your own {self.days} days"


def reliability(table: float, values: Sequence[float]) -> Reliability:
    """Learn a person's own error between days from days that follow each other.

    Half the mean square of successive differences, which a slow change hardly touches; shrunk towards the table's
    value by n/(n + 6) in variances.

    Parameters
    ----------
    table : float
        `default_sem`; NaN when there is none.
    values : sequence of float
        One for each day in order, on the scale of the number.
    """
    n = len(values)
    if n < OWN_SESSIONS:
        return Reliability(table, table, math.nan, n)
    own2 = sum((b - a) ** 2 for a, b in pairwise(values)) / (2.0 * (n - 1))
    part = n / (n + OWN_SESSIONS)
    used2 = own2 if math.isnan(table) else part * own2 + (1.0 - part) * table**2
    return Reliability(math.sqrt(used2), table, math.sqrt(own2), n)


def detectable(sem: float, first: int, last: int) -> float:
    """Return the minimal detectable change (95 %) between the means of so many first and so many last days."""
    return NORMAL_95 * sem * math.sqrt(1.0 / first + 1.0 / last)
