"""How far forward the pelvis tips in standing, against the same person's earlier standing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from emgmon.model import Array


@dataclass(frozen=True, slots=True)
class Standing:
    """How the pelvis stood.

    Attributes
    ----------
    up : (3,) array
        The vertical in the axes of the pelvis's sensor.
    left : (3,) array or None
        The person's left in these, when the bows showed it.
    supine_deg : float
        Inclination lying on the back against this standing; NaN when it was not recorded.
    """

    up: Array
    left: Array | None = None
    supine_deg: float = math.nan


MAX_TURNED_DEG = 20.0
"""A sensor whose left points elsewhere by more was put on otherwise: its inclination is not the pelvis's."""


class Tilt(NamedTuple):
    """Change of pelvic tilt, positive when it tips forward: degrees (NaN: cannot be said), and how, or why not."""

    change_deg: float
    how: str


def tilt_change(now: Standing, before: Standing) -> Tilt:
    """Hold a standing against an earlier one: by lying on the back where both have it, else by the sensor's seat."""
    lying_deg = before.supine_deg - now.supine_deg
    if math.isfinite(lying_deg):
        return Tilt((lying_deg + 180.0) % 360.0 - 180.0, "against lying on the back, both times")
    if now.left is None or before.left is None:
        return Tilt(math.nan, "not measured: the bows that show the bending axis are missing")
    turned_deg = math.degrees(math.acos(min(1.0, max(-1.0, float(now.left @ before.left)))))
    if turned_deg > MAX_TURNED_DEG:
        return Tilt(math.nan, f"not measured: the sensor was put on otherwise, turned by {turned_deg:.0f} degrees")
    left = now.left + before.left
    left = left / np.linalg.norm(left)
    angle = math.atan2(float(np.cross(before.up, now.up) @ left), float(before.up @ now.up))
    return Tilt(-math.degrees(angle), "by the sensor's own inclination, if it sits at the same spot")
