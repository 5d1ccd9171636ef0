"""What the bars at the foot of the training screen show: the level of each group on each side. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, nan

from emgmon.live.marks import Light
from emgmon.live.moments import concealed
from emgmon.live.state import TrainState
from emgmon.model import GROUPS, Placement

PEAK_FLOOR_UV = 10.0
"""Without references a bar is never full below this level: noise is not activity."""
MOST_REFERENCES = 2.0
"""A full bar is never more than this many references: one jerk must not make all bars small."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Level on one side of one group.

    ``kind`` is ``level``, ``lost`` (no signal), ``absent`` (not worn) or ``empty`` (nothing known yet, or not shown
    while the rep runs); `fill` and
    `tick`, the level of the person's own first reps, are 0 to 1.
    """

    kind: str
    fill: float = 0.0
    tick: float | None = None


def bar(state: TrainState, group: str, side: str) -> Bar:
    """Say what one bar shows; a sensor on the midline counts for both sides.

    With references a full bar is 100 % of the reference, or the largest level so far when that was more; without,
    each channel has only its own largest level to be compared with.
    """
    return _bar(state, [place for place in state.placements() if place.group == group], side)


def bars(state: TrainState) -> Mapping[tuple[str, str], Bar]:
    """Return all bars by group and side."""
    worn: dict[str, list[Placement]] = {group: [] for group in GROUPS}
    for place in state.placements():
        worn.get(place.group, []).append(place)
    return {(group, side): _bar(state, places, side) for group, places in worn.items() for side in ("left", "right")}


def _bar(state: TrainState, of_group: list[Placement], side: str) -> Bar:
    here = [place for place in of_group if place.side in {side, "midline"}]
    if not here:
        return Bar("absent" if state.set_index else "empty")  # before the first set it may still come
    if state.frame is None or concealed(state):
        return Bar("empty")
    heard = [p for p in here if isfinite(state.frame.level.get(p, nan)) and state.light(p) is not Light.LOST]
    if not heard:
        return Bar("lost")
    full = {place: _full_level(state, place) for place in heard}
    fill = sum(state.frame.level[place] / full[place] for place in heard) / len(heard)
    ticks = [level / full[place] for place in heard if (level := state.first_level(place)) is not None]
    return Bar("level", min(1.0, max(0.0, fill)), min(1.0, sum(ticks) / len(ticks)) if ticks else None)


def _full_level(state: TrainState, placement: Placement) -> float:
    """Return the level at the end of a bar."""
    if state.frame is not None and state.frame.referenced:
        return min(MOST_REFERENCES, max(1.0, max(state.peak.values(), default=0.0)))
    peak = state.peak.get(placement, 0.0)
    return max(peak, PEAK_FLOOR_UV if state.unit.get(placement, "uv") == "uv" else 0.0) or 1.0
