"""How a sensor sits on its segment: the vertical from standing still, the mediolateral axis from bows or squats.

No magnetometer and no exact placement is needed: the person stands still for some seconds, then bends about the axis
that is wanted. All functions are vectorised and stateless.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy

from emgmon.model import Array

MOVING_DPS = 20.0
"""Only samples that turn faster than this tell the axis."""

MIN_EXPLAINED = 0.85
"""Share of the turning that must be about one axis."""

MIN_RANGE_DEG = 15.0
"""Smallest range about the axis from which it is believed; a noisy axis of a small movement is worse than none."""

SMOOTH_HZ = 3.0
"""Low-pass of the turning: soft tissue swings faster, and in every direction."""

MAX_SWAY_DEG = 2.0
"""Standing still means that the vertical stays within this (95th percentile) of its mean."""

MIN_STANCE_S = 1.0
MIN_MOVING_S = 1.0


@dataclass(frozen=True, slots=True)
class Stance:
    """The vertical of a segment that stands still.

    Attributes
    ----------
    up : (3,) array
        Unit vector in the sensor's axes; all NaN when `reason` is not empty.
    sway_deg : float
        95th percentile of its departures.
    reason : str
        Why it cannot be used.
    """

    up: Array
    sway_deg: float = math.nan
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HingeAxis:
    """The axis about which a segment turned.

    Attributes
    ----------
    axis : (3,) array
        Unit vector in the sensor's axes, horizontal in the stance; to the person's left when the sign was known.
    explained : float
        Share of the squared angular velocity (below `SMOOTH_HZ`) that is about this axis, 0 to 1.
    range_deg : float
        From the 2nd to the 98th percentile of the inclination about it.
    reason : str
        Why the movement must be repeated; empty when the axis is good.
    """

    axis: Array
    explained: float = math.nan
    range_deg: float = math.nan
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SegmentFrame:
    """A segment's axes in its sensor's: up, and to the left once it is known (then forward follows).

    Attributes
    ----------
    up : (3,) array
    left : (3,) array or None
    """

    up: Array
    left: Array | None = None

    @property
    def forward(self) -> Array:
        """Unit vector to the front; NaN without `left`."""
        return np.full(3, math.nan) if self.left is None else np.cross(self.left, self.up)

    def seen(self, up: Array) -> Array:
        """Components (n, 3) of directions of gravity (n, 3) along forward, left and up."""
        left = np.full(3, math.nan) if self.left is None else self.left
        return np.asarray(up @ np.column_stack([self.forward, left, self.up]))

    def moved(self, up: Array) -> SegmentFrame:
        """Return the frame after the sensor has slipped so that the stance's vertical is now `up`."""
        if self.left is None:
            return SegmentFrame(up)
        axis = np.cross(self.up, up)
        cosine = float(self.up @ up)
        left = self.left * cosine + np.cross(axis, self.left) + axis * (axis @ self.left) / (1.0 + cosine)
        return SegmentFrame(up, horizontal(left, up))


def horizontal(axis: Array, up: Array) -> Array:
    """Part of `axis` across `up`, as a unit vector."""
    flat = axis - (axis @ up) * up
    return np.asarray(flat / np.linalg.norm(flat))


def sagittal_deg(seen: Array) -> Array:
    """Inclination in the sagittal plane, positive when the top goes forward; from `SegmentFrame.seen`, (n, 3)."""
    return np.asarray(np.degrees(np.arctan2(-seen[:, 0], seen[:, 2])))


def stance(up: Array, fs_hz: float) -> Stance:
    """Find the vertical of a sensor that should stand still.

    Parameters
    ----------
    up : (n, 3) array
        Directions of gravity; NaN rows are left out.
    fs_hz : float
    """
    up = up[np.isfinite(up).all(axis=1)]
    if len(up) < MIN_STANCE_S * fs_hz:
        return Stance(np.full(3, math.nan), reason="too little signal")
    mean = up.mean(axis=0)
    mean = mean / np.linalg.norm(mean)
    sway = np.degrees(np.arctan2(np.linalg.norm(np.cross(up, mean), axis=1), up @ mean))
    sway_deg = float(np.percentile(sway, 95))
    if sway_deg > MAX_SWAY_DEG:
        return Stance(np.full(3, math.nan), sway_deg, f"moved by {sway_deg:.0f}°")
    return Stance(mean, sway_deg)


def hinge_axis(up: Array, rate_dps: Array, vertical: Array, fs_hz: float, sign: int) -> HingeAxis:
    """Find the mediolateral axis from bows or squats.

    Parameters
    ----------
    up : (n, 3) array
        Directions of gravity during the movement.
    rate_dps : (n, 3) array
        Angular velocity without bias.
    vertical : (3,) array
        The vertical in the stance.
    fs_hz : float
    sign : int
        +1 when the segment's top goes forward in this movement, −1 when it goes back.

    Returns
    -------
    HingeAxis
        Across the vertical plane through which gravity moved. The angular velocity tells whether the movement was one
        about this axis: its own first principal component is drawn aside by soft tissue (`docs/movement.md`).
    """
    there = np.isfinite(up).all(axis=1) & np.isfinite(rate_dps).all(axis=1)
    up, rate_dps = up[there], rate_dps[there]
    none = np.full(3, math.nan)
    if len(up) < MIN_MOVING_S * fs_hz:
        return HingeAxis(none, reason="too little signal")
    slow_dps = scipy.signal.sosfiltfilt(
        scipy.signal.butter(2, min(SMOOTH_HZ, 0.2 * fs_hz), fs=fs_hz, output="sos"), rate_dps, axis=0
    )
    fast = slow_dps[np.einsum("ij,ij->i", slow_dps, slow_dps) > MOVING_DPS**2]
    if len(fast) < MIN_MOVING_S * fs_hz:
        return HingeAxis(none, reason="hardly moved")
    swept = up - (up @ vertical)[:, None] * vertical
    forward = np.linalg.eigh(swept.T @ swept)[1][:, 2]
    left = horizontal(np.cross(vertical, forward), vertical)
    explained = float(np.sum((fast @ left) ** 2) / np.sum(fast * fast))
    low, high = np.percentile(sagittal_deg(SegmentFrame(vertical, left).seen(up)), [2.0, 98.0])
    found = (left * (sign if low + high > 0 else -sign), explained, float(high - low))
    if found[2] < MIN_RANGE_DEG:
        return HingeAxis(*found, f"moved only {found[2]:.0f}°")
    if explained < MIN_EXPLAINED:
        return HingeAxis(*found, f"turned about one level axis by only {explained:.0%}")
    return HingeAxis(*found)
