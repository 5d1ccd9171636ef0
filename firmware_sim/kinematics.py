"""Segments of a body in space: their attitudes over time, where a place on them is, and the true joint angles.

World axes: x forwards as the person stands, y to their left, z up; the axes of a segment are the same while they
stand. An attitude is four angles in degrees (`TILT`, `SIDE`, `TURN`, `ROLL`), applied as Rx(side) Rz(turn) Ry(tilt)
Rz(roll): tilt and side are then what gravity shows of a segment that neither turns nor rolls, in any pose.

Joints are ideal: segments of one length hang on each other, one place (the anchor) stays where it is. Not covered: the
chest apart from the trunk, arms, and differences between people's proportions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOTION_HZ = 500.0
SIDES = ("left", "right")
TILT, SIDE, TURN, ROLL = range(4)
SEGMENTS = ("pelvis", "lumbar", "trunk", *(f"{part}_{side}" for part in ("thigh", "shank", "foot") for side in SIDES))
THIGH_M, SHANK_M, HIP_M, SACRAL_M, LUMBAR_M = 0.42, 0.41, 0.09, 0.08, 0.12

Attitude = Mapping[str, Array]
"""Segment to the four angles, degrees, shape (4,) or (n, 4)."""


@dataclass(frozen=True, eq=False)
class Motion:
    """How all segments move.

    Attributes
    ----------
    attitude_deg : dict of segment to ndarray, shape (n, 4)
        At `rate_hz` from script time 0.
    anchor : str
        What stays in place from `anchored_s` on: ``feet``, ``foot_left``, ``foot_right`` or ``pelvis``; before that,
        the feet.
    anchored_s : float
    impacts_s : tuple of float
        When a foot strikes the floor.
    impact_g : float
        How hard, at the foot.
    rate_hz : float
    """

    attitude_deg: dict[str, Array]
    anchor: str = "feet"
    anchored_s: float = 0.0
    impacts_s: tuple[float, ...] = ()
    impact_g: float = 0.0
    rate_hz: float = MOTION_HZ

    def rotation(self, segment: str) -> Array:
        """Matrices from the segment's axes to the world's, shape (n, 3, 3)."""
        return rotations(self.attitude_deg[segment])

    def up(self, segment: str) -> Array:
        """World's up in the segment's axes, shape (n, 3): what an ideal accelerometer at rest would read."""
        return self.rotation(segment)[:, 2, :]


def rotations(attitude_deg: Array) -> Array:
    """Matrices of attitudes of shape (n, 4), shape (n, 3, 3)."""
    tilt, side, turn, roll = np.deg2rad(np.atleast_2d(attitude_deg)).T
    return np.asarray(_about(0, side) @ _about(2, turn) @ _about(1, tilt) @ _about(2, roll))


def _about(axis: int, angle: Array) -> Array:
    """Right-handed rotations about one axis, shape (n, 3, 3)."""
    one, two = (axis + 1) % 3, (axis + 2) % 3
    matrix = np.zeros((angle.size, 3, 3))
    matrix[:, axis, axis] = 1.0
    matrix[:, one, one] = matrix[:, two, two] = np.cos(angle)
    matrix[:, two, one] = np.sin(angle)
    matrix[:, one, two] = -np.sin(angle)
    return matrix


class Skeleton(NamedTuple):
    """Where all segments are: by name, matrices of shape (n, 3, 3), and their origins in metres, shape (n, 3).

    The origin is the upper joint of a leg's segment, the middle between the hips of the pelvis, the lower end of lumbar
    spine and trunk.
    """

    rotation: dict[str, Array]
    origin_m: dict[str, Array]

    def place_m(self, segment: str, offset_m: tuple[float, float, float]) -> Array:
        """Where a place is that has this offset in the segment's axes, shape (n, 3)."""
        return np.asarray(self.origin_m[segment] + self.rotation[segment] @ np.array(offset_m))


def skeleton(motion: Motion) -> Skeleton:
    """Hang the segments on each other and fasten what is anchored."""
    rotation = {segment: motion.rotation(segment) for segment in SEGMENTS}

    def along(segment: str, axis: int, length_m: float) -> Array:
        return np.asarray(length_m * rotation[segment][:, :, axis])

    origin = {"pelvis": np.zeros((len(rotation["pelvis"]), 3)), "lumbar": along("pelvis", 2, SACRAL_M)}
    origin["trunk"] = origin["lumbar"] + along("lumbar", 2, LUMBAR_M)
    for side in SIDES:
        origin[f"thigh_{side}"] = along("pelvis", 1, HIP_M if side == "left" else -HIP_M)
        origin[f"shank_{side}"] = origin[f"thigh_{side}"] - along(f"thigh_{side}", 2, THIGH_M)
        origin[f"foot_{side}"] = origin[f"shank_{side}"] - along(f"shank_{side}", 2, SHANK_M)
    both = (origin["foot_left"] + origin["foot_right"]) / 2
    fixed = both if motion.anchor == "feet" else origin[motion.anchor]
    since = min(int(motion.anchored_s * motion.rate_hz), len(both) - 1)
    moved = np.concatenate([both[:since], fixed[since:] - fixed[since] + both[since]])
    return Skeleton(rotation, {segment: place - moved for segment, place in origin.items()})


def tilt_deg(up: Array) -> Array:
    """Sagittal inclination from the world's up in a segment's axes, shape (n,); top forward is positive."""
    return np.asarray(np.rad2deg(np.unwrap(np.arctan2(-up[:, 0], up[:, 2]))))


def side_deg(up: Array) -> Array:
    """Frontal inclination, shape (n,): how far the left side is higher than the right."""
    return np.asarray(np.rad2deg(np.arcsin(np.clip(up[:, 1], -1.0, 1.0))))


def _knee_in(motion: Motion, side: str) -> Array:
    inward = side_deg(motion.up(f"thigh_{side}")) - side_deg(motion.up(f"shank_{side}"))
    return inward if side == "right" else -inward


def _toes_out(motion: Motion, side: str) -> Array:
    ahead = motion.rotation(f"foot_{side}")[:, :2, 0]
    turn = np.rad2deg(np.unwrap(np.arctan2(ahead[:, 1], ahead[:, 0])))
    return turn if side == "left" else -turn


def _tilt(motion: Motion, segment: str) -> Array:
    return tilt_deg(motion.up(segment))


JOINT_ANGLES: Mapping[str, Callable[[Motion, str], Array]] = {
    "pelvic_tilt": lambda motion, _side: _tilt(motion, "pelvis"),
    "lumbar_flexion": lambda motion, _side: _tilt(motion, "trunk") - _tilt(motion, "pelvis"),
    "trunk_lean": lambda motion, _side: _tilt(motion, "trunk"),
    "trunk_side_lean": lambda motion, _side: side_deg(motion.up("trunk")),
    "obliquity": lambda motion, _side: side_deg(motion.up("pelvis")),
    "hip_flexion": lambda motion, side: _tilt(motion, "pelvis") - _tilt(motion, f"thigh_{side}"),
    "knee_flexion": lambda motion, side: _tilt(motion, f"shank_{side}") - _tilt(motion, f"thigh_{side}"),
    "thigh_inclination": lambda motion, side: _tilt(motion, f"thigh_{side}"),
    "shank_inclination": lambda motion, side: _tilt(motion, f"shank_{side}"),
    "knee_in": _knee_in,
    "foot_turn_out": _toes_out,
}
"""True angles by name, degrees at `MOTION_HZ`, 0 in the upright stance; midline angles take no notice of the side."""

MIDLINE = ("pelvic_tilt", "lumbar_flexion", "trunk_lean", "trunk_side_lean", "obliquity")
BY_SIDE = tuple(name for name in JOINT_ANGLES if name not in MIDLINE)
"""Those that each leg has for itself."""
