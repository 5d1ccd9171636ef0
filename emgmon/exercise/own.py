"""What a person's own movement looks like to a sensor: the pose of rest, the direction of moving, and the range.

One sensor knows nothing of the body: seen from the thigh alone, a clam and a bridge are both an excursion out and back.
Held against the person's own earlier reps, with the sensor where it was, they are told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from emgmon.model import Array

POSE_DEG, AXIS_DEG = 30.0, 40.0
"""Beyond these, pose or direction are another movement's; people on one mat differ by less from rep to rep."""

SURE_AXIS_DEG = 60.0
"""Beyond this direction a live set takes a rep for another movement: a shaking strap stays below it."""

LEAST_TURN_DEG = 8.0
"""Of turning from rest to top, for its direction to say anything: below, it is the sway of the limb."""

SMALLEST, LARGEST = 0.6, 1.8
"""Range against the own median."""

LEAST_REPS = 3


class Seen(NamedTuple):
    """One rep as one sensor saw it: directions of gravity (3,) at rest and at the top, and the range in degrees."""

    rest: Array
    top: Array
    range_deg: float


class OwnMovement(NamedTuple):
    """The middle of the person's own reps: as `Seen`, with the axis (3,) about which the sensor turned."""

    rest: Array
    axis: Array
    range_deg: float


def learn(reps: Sequence[Seen]) -> OwnMovement | None:
    """Return the middle of at least three reps; None of fewer."""
    if len(reps) < LEAST_REPS:
        return None
    axes = np.array([_unit(np.cross(rep.rest, rep.top)) for rep in reps])
    axis = _unit(np.median(axes * np.where(axes @ axes[0] < 0.0, -1.0, 1.0)[:, None], axis=0))
    rest = _unit(np.median(np.array([rep.rest for rep in reps]), axis=0))
    return OwnMovement(rest, axis, float(np.median([rep.range_deg for rep in reps])))


def unlike(rep: Seen, own: OwnMovement) -> str:
    """Say in a word or two in what a rep is not the person's own movement; empty when it is."""
    start_deg, top_deg = _between(rep.rest, own.rest), _between(rep.top, own.rest)
    if min(start_deg, top_deg) > POSE_DEG:
        return "another pose"
    turn_deg = _between(_unit(np.cross(rep.rest, rep.top)), own.axis)
    if min(turn_deg, 180.0 - turn_deg) > AXIS_DEG:
        return "another direction"
    if rep.range_deg < SMALLEST * own.range_deg:
        return "too small"
    return "too large" if rep.range_deg > LARGEST * own.range_deg else ""


def another(rep: Seen, own: OwnMovement) -> bool:
    """Whether a rep is surely another movement, by pose or direction alone; smaller and larger ones may be the same."""
    start_deg, top_deg = _between(rep.rest, own.rest), _between(rep.top, own.rest)
    if min(start_deg, top_deg) > POSE_DEG:
        return True
    turn_deg = _between(_unit(np.cross(rep.rest, rep.top)), own.axis)
    turned = _between(rep.rest, rep.top) >= LEAST_TURN_DEG
    return turned and min(turn_deg, 180.0 - turn_deg) > SURE_AXIS_DEG


def _between(a: Array, b: Array) -> float:
    return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(a, b)), a @ b)))


def _unit(vector: Array) -> Array:
    return np.asarray(vector / (np.linalg.norm(vector) or 1.0), np.float64)
