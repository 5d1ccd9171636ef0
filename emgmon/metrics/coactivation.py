"""How much two groups are active at the same time: two indices of co-activation, side by side.

Both were made for antagonists; of synergists they describe only simultaneity, and never dominance. They need
references, because two amplitudes are added.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from emgmon.metrics.base import Level, Metric, RepSignals, both_sides
from emgmon.metrics.envelopes import group_envelope
from emgmon.model import Array, Value

QUIET = "no activity above the noise"


def overlap_h(signals: RepSignals) -> list[Value]:
    """Glutes and hamstrings after Falconer and Winter (1985): 0 never together, 1 always alike."""
    return _pairs(signals, "overlap_h", "1", "H", overlap)


def overlap_e(signals: RepSignals) -> list[Value]:
    """Glutes and back after Falconer and Winter (1985)."""
    return _pairs(signals, "overlap_e", "1", "E", overlap)


def coactivation_h(signals: RepSignals) -> list[Value]:
    """Glutes and hamstrings after Rudolph et al. (2000), fraction of the reference; grows with effort as well."""
    return _pairs(signals, "coactivation_h", "ref", "H", coactivation)


def coactivation_e(signals: RepSignals) -> list[Value]:
    """Glutes and back after Rudolph et al. (2000), fraction of the reference."""
    return _pairs(signals, "coactivation_e", "ref", "E", coactivation)


def overlap(first: Array, second: Array) -> float:
    """Twice the common area of two envelopes (n,) over the sum of their areas; NaN when both are zero."""
    total = float((first + second).sum())
    return 2.0 * float(np.minimum(first, second).sum()) / total if total > 0.0 else math.nan


def coactivation(first: Array, second: Array) -> float:
    """Mean of (lower/higher)·(lower + higher) of two envelopes (n,); NaN when both are zero throughout."""
    low, high = np.minimum(first, second), np.maximum(first, second)
    n, active = len(first), high > 0.0
    if not active.all():
        low, high = low[active], high[active]
    return float((low / high * (low + high)).sum()) / n if len(high) else math.nan


def _pairs(
    signals: RepSignals, name: str, unit: str, other: str, number: Callable[[Array, Array], float]
) -> list[Value]:
    if not signals.referenced or not {"G", other} <= set(signals.groups):
        return []
    return [
        value
        for phase in signals.phases
        for value in both_sides(
            name, unit, phase, {side: _pair(signals, other, side, phase, number) for side in signals.sides}
        )
    ]


def _pair(signals: RepSignals, other: str, side: str, phase: str, number: Callable[[Array, Array], float]) -> Level:
    first, second = (group_envelope(signals, group, side, phase) for group in ("G", other))
    if isinstance(first, Level):
        return first
    if isinstance(second, Level):
        return second
    n = min(len(first), len(second))
    value = number(first[:n], second[:n])
    return Level(value) if math.isfinite(value) else Level(math.nan, QUIET)


OVERLAP_H = Metric("overlap_h", "Overlap of glutes and hamstrings", "1", 0, overlap_h)
OVERLAP_E = Metric("overlap_e", "Overlap of glutes and back", "1", 0, overlap_e)
COACTIVATION_H = Metric("coactivation_h", "Co-activation of glutes and hamstrings", "ref", 0, coactivation_h)
COACTIVATION_E = Metric("coactivation_e", "Co-activation of glutes and back", "ref", 0, coactivation_e)
