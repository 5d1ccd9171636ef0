"""Which way is up, seen from a sensor: inclination from accelerometer and gyroscope, without a magnetometer."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from emgmon.model import Array

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class GravitySettings:
    """How gravity is followed.

    Attributes
    ----------
    trust_s : float
        Time constant with which the accelerometer corrects the gyroscope. Longer shrugs off jerks, shorter drifts less.
    still_dps, still_g : float
        Below this rotation and this departure of |acceleration| from 1 g the sensor is at rest.
    still_s : float
        After this long at rest the gyroscope's bias is learnt, with time constant `bias_s`.
    """

    trust_s: float = 2.0
    still_dps: float = 4.0
    still_g: float = 0.04
    still_s: float = 0.5
    bias_s: float = 0.7


@dataclass(slots=True)
class Gravity:
    """Complementary filter for the direction of gravity in one sensor's frame; online, no delay worth naming.

    The gyroscope turns the last estimate, the accelerometer pulls it slowly back. Heading is never estimated.
    """

    fs_hz: float
    settings: GravitySettings = field(default_factory=GravitySettings)
    still: bool = False
    _up: Vector | None = None
    _bias_dps: Vector = (0.0, 0.0, 0.0)
    _rested_s: float = 0.0

    def restart(self) -> None:
        """Forget the direction, keep the gyroscope's bias: the same sensor came back."""
        self._up, self._rested_s, self.still = None, 0.0, False

    def __call__(self, samples: Array) -> Array:
        """Follow the next samples.

        Parameters
        ----------
        samples : (n, 6) array
            Acceleration in g, then angular velocity in degrees per second; a NaN row is a lost sample.

        Returns
        -------
        (n, 4) array
            Unit vectors that point up when the sensor is at rest, NaN where a sample was lost; then 1 where the sensor
            is still, else 0.
        """
        out = np.empty((len(samples), 4))
        for k, row in enumerate(samples.tolist()):
            out[k, :3] = self._step(*row)
            out[k, 3] = self.still
        return out

    def _step(self, ax: float, ay: float, az: float, gx: float, gy: float, gz: float) -> Vector:
        norm = math.sqrt(ax * ax + ay * ay + az * az)
        if not (norm > 0.0 and math.isfinite(norm + gx + gy + gz)):
            self.restart()
            return (math.nan, math.nan, math.nan)
        dt = 1.0 / self.fs_hz
        bx, by, bz = self._bias_dps
        wx, wy, wz = gx - bx, gy - by, gz - bz
        self._rest(math.sqrt(wx * wx + wy * wy + wz * wz), norm, dt)
        if self.still:
            learn = min(dt / self.settings.bias_s, 1.0)
            self._bias_dps = (bx + learn * wx, by + learn * wy, bz + learn * wz)
        if self._up is None:
            self._up = (ax / norm, ay / norm, az / norm)
            return self._up
        ux, uy, uz = self._up
        turn = math.radians(dt)
        rx, ry, rz = wx * turn, wy * turn, wz * turn
        vx = ux - (ry * uz - rz * uy)
        vy = uy - (rz * ux - rx * uz)
        vz = uz - (rx * uy - ry * ux)
        pull = min(dt / self.settings.trust_s, 1.0)
        vx += pull * (ax / norm - vx)
        vy += pull * (ay / norm - vy)
        vz += pull * (az / norm - vz)
        length = math.sqrt(vx * vx + vy * vy + vz * vz) or 1.0
        self._up = (vx / length, vy / length, vz / length)
        return self._up

    def _rest(self, rotation_dps: float, norm_g: float, dt: float) -> None:
        quiet = rotation_dps < self.settings.still_dps and abs(norm_g - 1.0) < self.settings.still_g
        self._rested_s = self._rested_s + dt if quiet else 0.0
        self.still = self._rested_s >= self.settings.still_s
