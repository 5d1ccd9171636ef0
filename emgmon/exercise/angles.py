"""Angles of joints and segments by the difference of inclinations: what gravity shows, and nothing that needs north.

An angle is made of the inclinations of one or two calibrated segments. Positive directions and the segments used are in
`ANGLES` and in ``docs/movement.md``. Vectorised, stateless.

Deviations from the usual: the frontal inclination is the elevation of the segment's left side, not an angle in the
plane across the forward axis, because gravity hardly lies in that plane in a deep squat; both are the same upright.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from emgmon.dsp.inertial_calibration import sagittal_deg
from emgmon.model import Array

MAX_OUT_DEG = 20.0
"""A sagittal inclination is not given while the mediolateral axis lies farther than this out of the horizontal."""

MAX_TURN_S = 5.0
"""Turning about the vertical is counted for no longer than this: then the gyroscope's drift may matter."""

MAX_LYING_DEG = 60.0
"""A roll is given while the segment's long axis lies within this of the horizontal."""

PELVIS = ("sacrum", "gluteus_maximus", "gluteus_medius")
BACK = ("thoracic_spine", "erector_spinae")
TRUNK = ("thoracic_spine", "sternum", "chest", "erector_spinae")
THIGH = (
    "thigh",
    "biceps_femoris",
    "semitendinosus",
    "vastus_lateralis",
    "rectus_femoris",
    "vastus_medialis",
    "tensor_fasciae_latae",
)
SHANK = (
    "shank",
    "tibialis_anterior",
    "peroneus_longus",
    "soleus",
    "gastrocnemius_medialis",
    "gastrocnemius_lateralis",
)
FOOT = ("foot",)
"""Sites of a sensor for each segment, the best first."""


class AngleKind(NamedTuple):
    """One angle: name to show, whether there is one for each side, and what positive means."""

    title: str
    sided: bool
    positive: str

    @property
    def sides(self) -> tuple[str, ...]:
        """Sides for which it can be asked."""
        return ("left", "right") if self.sided else ("midline",)


ANGLES: Mapping[str, AngleKind] = {
    "pelvic_tilt": AngleKind("Pelvic tilt", False, "anterior"),
    "pelvis_from_supine": AngleKind("Pelvis against lying on the back", False, "anterior"),
    "lumbar_flexion": AngleKind("Low back", False, "flexion"),
    "trunk_lean": AngleKind("Trunk lean", False, "forward"),
    "trunk_side_lean": AngleKind("Trunk side lean", False, "to the right"),
    "obliquity": AngleKind("Pelvic obliquity", False, "left side higher"),
    "hip_flexion": AngleKind("Hip", True, "flexion"),
    "knee_flexion": AngleKind("Knee", True, "flexion"),
    "thigh_inclination": AngleKind("Thigh", True, "top forward"),
    "shank_inclination": AngleKind("Shank", True, "top forward"),
    "knee_in": AngleKind("Knee-in angle", True, "knee inward"),
    "foot_turn_out": AngleKind("Foot turn-out", True, "toes outward"),
    "thigh_roll": AngleKind("Thigh roll, lying", True, "outward"),
}


@dataclass(frozen=True, slots=True)
class Pose:
    """One worn segment over time, as gravity and its gyroscope show it.

    Attributes
    ----------
    seen : (n, 3) array
        Components of the upward direction along the segment's forward, left and up; NaN where it is not there, and the
        first two while the mediolateral axis is not known.
    turn_deg : (n,) array
        Turning about the vertical since the last stillness, to the left positive; NaN when that is too long ago.
    zero : (3,) array
        `seen` in that stillness.
    supine_deg : float
        Sagittal inclination while lying on the back; NaN when no mark said so.
    """

    seen: Array
    turn_deg: Array
    zero: Array
    supine_deg: float = math.nan

    @property
    def sagittal_deg(self) -> Array:
        """Sagittal inclination, NaN outside of its valid range."""
        valid = np.abs(self.seen[:, 1]) < math.sin(math.radians(MAX_OUT_DEG))
        return np.where(valid, sagittal_deg(self.seen), math.nan)

    @property
    def frontal_deg(self) -> Array:
        """Elevation of the left side."""
        return np.asarray(np.degrees(np.arcsin(np.clip(self.seen[:, 1], -1.0, 1.0))))

    @property
    def roll_deg(self) -> Array:
        """Turning about the segment's long axis since the stillness, to the left positive; NaN unless it lies."""
        lies = math.sin(math.radians(MAX_LYING_DEG))
        now, before = (np.degrees(np.arctan2(row[..., 1], row[..., 0])) for row in (self.seen, self.zero))
        valid = (np.abs(self.seen[:, 2]) < lies) & (abs(self.zero[2]) < lies)
        return np.where(valid, wrapped(before - now), math.nan)


Find = Callable[[tuple[str, ...], str], Pose | str]
"""From sites, the best first, and a side (``midline``: any) to the segment's pose, or to why there is none."""


@dataclass(frozen=True, slots=True)
class AngleSet:
    """All angles of the worn sensors at `time_s` (n,); worked out when asked for."""

    time_s: Array
    find: Find
    _poses: dict[tuple[tuple[str, ...], str], Pose | str] = field(default_factory=dict)

    def get(self, name: str, side: str = "midline") -> Array:
        """Degrees (n,), NaN where it cannot be said."""
        found = self._angle(name, side)
        return np.full(len(self.time_s), math.nan) if isinstance(found, str) else found

    def now(self, name: str, side: str = "midline") -> float:
        """Newest value."""
        return float(self.get(name, side)[-1])

    def has(self, name: str, side: str = "midline") -> bool:
        """Whether the sensors for it are worn and calibrated."""
        return not isinstance(self._angle(name, side), str)

    def reason(self, name: str, side: str = "midline") -> str:
        """Why there is no number at all; empty when there is one."""
        found = self._angle(name, side)
        if isinstance(found, str):
            return found
        if np.isfinite(found).any():
            return ""
        if name == "foot_turn_out":
            return f"No stillness within the last {MAX_TURN_S:g} s, or the sensor has no gyroscope."
        if name == "thigh_roll":
            return "The thigh does not lie, or there was no stillness before."
        if name == "pelvis_from_supine" and np.isfinite(self.get("pelvic_tilt")).any():
            return "Lying on the back was not recorded."
        return f"Signal is lost, or the segment lies on its side ({MAX_OUT_DEG:g}° or more out of the upright plane)."

    def _pose(self, sites: tuple[str, ...], side: str) -> Pose | str:
        if (sites, side) not in self._poses:
            self._poses[sites, side] = self.find(sites, side)
        return self._poses[sites, side]

    def _angle(self, name: str, side: str) -> Array | str:
        """Angle by its name, or why there is none."""
        if name not in ANGLES or side not in ANGLES[name].sides:
            known = ", ".join(f"{n} ({'/'.join(kind.sides)})" for n, kind in ANGLES.items())
            raise ValueError(f"no angle {name!r} of side {side!r}; there are {known}")
        sites, combine = _MADE_OF[name]
        poses = []
        for place in sites:
            pose = self._pose(place, "midline" if place in {PELVIS, BACK, TRUNK} else side)
            if isinstance(pose, str):
                return pose
            poses.append(pose)
        value = combine(*poses)
        return -value if side == "right" and name in _MIRRORED else value


_MADE_OF: Mapping[str, tuple[tuple[tuple[str, ...], ...], Callable[..., Array]]] = {
    "pelvic_tilt": ((PELVIS,), lambda pelvis: pelvis.sagittal_deg),
    "pelvis_from_supine": ((PELVIS,), lambda pelvis: wrapped(pelvis.sagittal_deg - pelvis.supine_deg)),
    "lumbar_flexion": ((BACK, PELVIS), lambda back, pelvis: wrapped(back.sagittal_deg - pelvis.sagittal_deg)),
    "trunk_lean": ((TRUNK,), lambda trunk: trunk.sagittal_deg),
    "trunk_side_lean": ((TRUNK,), lambda trunk: trunk.frontal_deg),
    "obliquity": ((PELVIS,), lambda pelvis: pelvis.frontal_deg),
    "hip_flexion": ((PELVIS, THIGH), lambda pelvis, thigh: wrapped(pelvis.sagittal_deg - thigh.sagittal_deg)),
    "knee_flexion": ((SHANK, THIGH), lambda shank, thigh: wrapped(shank.sagittal_deg - thigh.sagittal_deg)),
    "thigh_inclination": ((THIGH,), lambda thigh: thigh.sagittal_deg),
    "shank_inclination": ((SHANK,), lambda shank: shank.sagittal_deg),
    "knee_in": ((SHANK, THIGH), lambda shank, thigh: shank.frontal_deg - thigh.frontal_deg),
    "foot_turn_out": ((FOOT,), lambda foot: foot.turn_deg),
    "thigh_roll": ((THIGH,), lambda thigh: thigh.roll_deg),
}
_MIRRORED = frozenset({"knee_in", "foot_turn_out", "thigh_roll"})
"""Angles whose sense is that of the left side and the opposite on the right."""


def wrapped(angle_deg: Array) -> Array:
    """Bring angles into (−180, 180]."""
    return np.asarray(180.0 - (180.0 - angle_deg) % 360.0)
