"""How long to rest between repetitions and between sets. Nothing is measured by it and nothing waits for it."""

from __future__ import annotations

import math

REP_REST_S = 3.0
"""Between held repetitions: the muscles are quiet again before the next one begins."""
SET_REST_S = 60.0
"""Between sets without load. A convention of this project, as most doses are."""


def remaining_s(since_s: float, now_s: float, rest_s: float) -> float:
    """Return what is left of a rest that began at `since_s`, 0 when it is over; NaN when none began."""
    if math.isnan(since_s):
        return math.nan
    return min(rest_s, max(0.0, since_s + rest_s - now_s))
