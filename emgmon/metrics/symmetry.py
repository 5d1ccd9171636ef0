"""Left against right: the log-ratio of a group's two sides."""

from __future__ import annotations

import math

from emgmon.metrics.base import Metric, RepSignals, ratio_flag
from emgmon.model import Value


def symmetry(signals: RepSignals) -> list[Value]:
    """ln(right/left) of each group and phase, 0 when even; only with references, as gains differ between sides."""
    if not signals.permits.sides or len(signals.sides) < 2:
        return []
    out: list[Value] = []
    for group in signals.groups:
        for phase in signals.phases:
            left, right = (signals.group_level(group, side, phase) for side in ("left", "right"))
            missing = next((level for level in (left, right) if math.isnan(level.value)), None)
            if missing is not None:
                out.append(Value("symmetry", phase, group, math.nan, "ln", missing.flag))
            else:
                flag = ratio_flag(right.flag, left.flag)
                out.append(Value("symmetry", phase, group, math.log(right.value / left.value), "ln", flag))
    return out


SYMMETRY = Metric("symmetry", "Right to left", "ln", 0, symmetry)
