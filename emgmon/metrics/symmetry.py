"""Left against right: the ratio of a group's two sides, and the difference of their indices."""

from __future__ import annotations

import math

from emgmon.metrics.amplitude import ln_ratio
from emgmon.metrics.base import INVERSE, Metric, RepSignals, joined, once
from emgmon.metrics.dominance import sdi
from emgmon.model import Value


def _comparable(signals: RepSignals) -> bool:
    """Whether gains of the two sides are known to be alike: both are worn, and the references allow it."""
    return signals.permits.sides and len(signals.sides) == 2


@once
def symmetry(signals: RepSignals) -> list[Value]:
    """ln(right/left) of each group and phase, 0 when even; only with references, as gains differ between sides."""
    if not _comparable(signals):
        return []
    out = []
    for group in signals.groups:
        for phase in signals.phases:
            left, right = (signals.group_level(group, side, phase) for side in ("left", "right"))
            ratio = ln_ratio(right, left)
            out.append(Value("symmetry", phase, group, ratio.value, "ln", ratio.flag))
    return out


def symmetry_index(signals: RepSignals) -> list[Value]:
    """Classic symmetry index 200·(R − L)/(R + L) of each group and phase, %, for reading beside other work."""
    return [
        Value("symmetry_index", item.phase, item.where, 200.0 * math.tanh(0.5 * item.value), "%", item.flag)
        for item in symmetry(signals)
    ]


def sdi_difference(signals: RepSignals) -> list[Value]:
    """Index of the right side less that of the left in each phase, ln; only with references."""
    if not _comparable(signals):
        return []
    sided = {(item.phase, item.where): item for item in sdi(signals)}
    out = []
    for phase in signals.phases:
        left, right = (sided.get((phase, side)) for side in ("left", "right"))
        if left and right:
            missing = next((item.flag for item in (left, right) if math.isnan(item.value)), "")
            flag = missing or joined(right.flag, INVERSE.get(left.flag, left.flag))
            out.append(Value("sdi_difference", phase, "both", right.value - left.value, "ln", flag))
    return out


SYMMETRY = Metric("symmetry", "Right to left", "ln", 0, symmetry)
SYMMETRY_INDEX = Metric("symmetry_index", "Symmetry index", "%", 0, symmetry_index)
SDI_DIFFERENCE = Metric("sdi_difference", "Index, right less left", "ln", 0, sdi_difference)
