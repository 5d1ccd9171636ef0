"""Whether the electrodes seem to sit where they sat before, from the levels of light reference tasks.

The same weight held in the same way gives about the same µV as long as the electrodes are at the same place. A light
task is the only one for it: a maximal contraction differs with the effort of the day. ``amber`` beyond ×1.6, ``red``
beyond ×2 of the median of the earlier days that were not red, either way; both are conventions. Offline.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import median

from emgmon.metrics.comparable import AMBER, RED

AMBER_LN, RED_LN = math.log(1.6), math.log(2.0)
EARLIER_DAYS = 3
"""Fewest earlier days of a task that say what is usual."""
SAME = "same"


def placements(days: Sequence[Mapping[str, float]]) -> list[str]:
    """Judge days in their order.

    Parameters
    ----------
    days : sequence of mapping
        For each day the level of each reference task, µV, > 0, by any name that is the same for the same muscle, side,
        position and weight.

    Returns
    -------
    list of str
        For each day ``same``, ``amber``, ``red``, or empty where less than three earlier days have any of its tasks.
    """
    usual: dict[str, list[float]] = {}
    words = []
    for levels in days:
        known = {task: math.log(level) for task, level in levels.items() if level > 0.0 and math.isfinite(level)}
        off = [abs(ln - median(usual[task])) for task, ln in known.items() if len(usual.get(task, ())) >= EARLIER_DAYS]
        worst = max(off, default=math.nan)
        word = "" if not off else RED if worst > RED_LN else AMBER if worst > AMBER_LN else SAME
        words.append(word)
        if word != RED:
            for task, ln in known.items():
                usual.setdefault(task, []).append(ln)
    return words
