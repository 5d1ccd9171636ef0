"""What a gyroscope says while nothing turns: learnt at rest, and in motion from the tilt that it would leave."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from emgmon.dsp.lowpass import LowPass
from emgmon.model import Array

LOOK_HZ = 25.0
"""Bias is a matter of seconds: it is looked at this often."""

Quaternion = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class BiasSettings:
    """A Kalman filter for three numbers; the values are those that VQF's authors found (dps).

    Attributes
    ----------
    start_dps : float
        Standard deviation of the bias before anything is known.
    wander_dps, wander_s : float
        The bias may walk by so much in that time.
    motion_dps, rest_dps : float
        Standard deviations that the estimate settles at in motion and at rest.
    vertical : float
        How little is believed about the axis that gravity does not show, as a share; keeps it from running away.
    most_dps : float
        What is seen in motion is clipped here.
    """

    start_dps: float = 0.5
    wander_dps: float = 0.1
    wander_s: float = 100.0
    motion_dps: float = 0.1
    rest_dps: float = 0.03
    vertical: float = 1e-4
    most_dps: float = 2.0


@dataclass(slots=True)
class GyroBias:
    """Bias of a gyroscope, dps; online."""

    fs_hz: float
    settings: BiasSettings
    trust_s: float
    dps: tuple[float, float, float] = (0.0, 0.0, 0.0)
    _spread: Array = field(init=False)
    _walk: float = field(init=False)
    _every: int = field(init=False)
    _seen: int = 0
    _fixed: tuple[float, float] = (0.0, 0.0)
    _turns: LowPass = field(init=False)

    def __post_init__(self) -> None:
        self._spread = np.eye(3) * self.settings.start_dps**2
        self._walk = self.settings.wander_dps**2 / self.settings.wander_s
        self._every = max(1, round(self.fs_hz / LOOK_HZ))
        self.restart()

    def restart(self) -> None:
        """Forget the movement, keep the bias."""
        self._turns = LowPass(self.trust_s, self.fs_hz / self._every, 11)
        self._seen, self._fixed = 0, (0.0, 0.0)

    def step(self, turn: Quaternion, tilt: tuple[float, float], mean_dps: list[float] | None) -> None:
        """Take the next sample's orientation.

        Parameters
        ----------
        turn : quaternion
            From the sensor's axes to level ones.
        tilt : (float, float)
            What was just taken out of it about the two level axes, rad.
        mean_dps : list of float or None
            Mean angular velocity where the sensor is at rest: all of it is bias.
        """
        self._fixed = (self._fixed[0] + tilt[0], self._fixed[1] + tilt[1])
        self._seen += 1
        if self._seen < self._every:
            return
        step_s = self._every / self.fs_hz
        rows = _matrix(turn)
        bias = np.array(self.dps)
        low = np.array(self._turns.step([*rows.ravel().tolist(), *(rows[:2] @ bias).tolist()]))
        left_dps = np.degrees(self._fixed) / step_s
        self._seen, self._fixed = 0, (0.0, 0.0)
        self._spread = self._spread + np.eye(3) * (self._walk * step_s)
        if mean_dps is not None:
            gain = self._spread @ np.linalg.inv(self._spread + np.eye(3) * self._noise(self.settings.rest_dps, step_s))
            self._correct(gain @ (np.array(mean_dps) - bias), gain)
            return
        rows = low[:9].reshape(3, 3)
        error = np.array([low[9] - left_dps[0], low[10] - left_dps[1], 0.0]) - rows @ bias
        error = np.clip(error, -self.settings.most_dps, self.settings.most_dps)
        noise = self._noise(self.settings.motion_dps, step_s)
        weight = np.diag([noise, noise, noise / self.settings.vertical])
        gain = self._spread @ rows.T @ np.linalg.inv(weight + rows @ self._spread @ rows.T)
        self._correct(gain @ error, gain @ rows)

    def _noise(self, settled_dps: float, step_s: float) -> float:
        """Variance of one look at which the filter's own comes to rest at the square of `settled_dps`."""
        return settled_dps**4 / (self._walk * step_s) + settled_dps**2

    def _correct(self, change: Array, kept: Array) -> None:
        x, y, z = (np.array(self.dps) + change).tolist()
        if math.isfinite(x + y + z):
            self.dps = (x, y, z)
            self._spread = self._spread - kept @ self._spread


def _matrix(q: Quaternion) -> Array:
    """Rotation matrix of a unit quaternion."""
    w, x, y, z = q
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
