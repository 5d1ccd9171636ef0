"""Whether holds were as long, and reps as many, as asked."""

from __future__ import annotations

HOLD_TOLERANCE_S = 0.25
"""Holds are measured within a tenth of a second, and nobody counts more exactly."""


def hold_score(hold_s: float, target_s: tuple[float, float] | None) -> str:
    """Return ``short``, ``met`` or ``long`` for a hold against its target, empty without a target."""
    if target_s is None:
        return ""
    if hold_s < target_s[0] - HOLD_TOLERANCE_S:
        return "short"
    return "long" if hold_s > target_s[1] + HOLD_TOLERANCE_S else "met"


def count_score(reps: int, least: int | None, target: int | None) -> str:
    """Return ``few``, ``met`` or ``many`` for a count against ``least`` to ``target``, empty without a target.

    Without `least` the target is asked for exactly.
    """
    if target is None:
        return ""
    if reps < (least or target):
        return "few"
    return "many" if reps > target else "met"
