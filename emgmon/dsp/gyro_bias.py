"""What a gyroscope says while nothing turns: learnt at rest, and in motion from the tilt that it would leave."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from emgmon.dsp.lowpass import LowPass

LOOK_HZ = 25.0
"""Bias is a matter of seconds: it is looked at this often."""

Quaternion = tuple[float, float, float, float]
Vector = tuple[float, float, float]
Matrix = tuple[float, float, float, float, float, float, float, float, float]


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
    dps: Vector = (0.0, 0.0, 0.0)
    _spread: Matrix = field(init=False)
    _walk: float = field(init=False)
    _every: int = field(init=False)
    _seen: int = 0
    _fixed: tuple[float, float] = (0.0, 0.0)
    _turns: LowPass = field(init=False)

    def __post_init__(self) -> None:
        self._spread = _diagonal(*([self.settings.start_dps**2] * 3))
        self._walk = self.settings.wander_dps**2 / self.settings.wander_s
        self._every = max(1, round(self.fs_hz / LOOK_HZ))
        self.restart()

    def restart(self) -> None:
        """Forget the movement, keep the bias."""
        self._turns = LowPass(self.trust_s, self.fs_hz / self._every, 11)
        self._seen, self._fixed = 0, (0.0, 0.0)

    def step(self, turn: Quaternion, tilt_x: float, tilt_y: float, mean: list[float] | None) -> None:
        """Take the next sample's orientation.

        Parameters
        ----------
        turn : quaternion
            From the sensor's axes to level ones.
        tilt_x, tilt_y : float
            Half of what was just taken out of it about the two level axes, rad.
        mean : list of float or None
            Mean acceleration and angular velocity where the sensor is at rest: all of the latter is bias.
        """
        self._fixed = (self._fixed[0] + 2.0 * tilt_x, self._fixed[1] + 2.0 * tilt_y)
        self._seen += 1
        if self._seen >= self._every:
            self._look(turn, mean)

    def _look(self, turn: Quaternion, mean: list[float] | None) -> None:
        step_s, settings = self._every / self.fs_hz, self.settings
        rows = _matrix(turn)
        x, y, z = bias = self.dps
        sees_x, sees_y, _sees_z = _seen_by(rows, bias)
        low = self._turns.step([*rows, sees_x, sees_y])
        left_x, left_y = math.degrees(self._fixed[0]) / step_s, math.degrees(self._fixed[1]) / step_s
        self._seen, self._fixed = 0, (0.0, 0.0)
        self._spread = _sum(self._spread, _diagonal(*([self._walk * step_s] * 3)))
        if mean is not None:
            noise = self._noise(settings.rest_dps, step_s)
            gain = _product(self._spread, _inverse(_sum(self._spread, _diagonal(noise, noise, noise))))
            self._correct(_seen_by(gain, (mean[3] - x, mean[4] - y, mean[5] - z)), gain)
            return
        rows = (low[0], low[1], low[2], low[3], low[4], low[5], low[6], low[7], low[8])
        sees_x, sees_y, sees_z = _seen_by(rows, bias)
        most = settings.most_dps
        error = (
            min(max(low[9] - left_x - sees_x, -most), most),
            min(max(low[10] - left_y - sees_y, -most), most),
            min(max(-sees_z, -most), most),
        )
        noise = self._noise(settings.motion_dps, step_s)
        across = _product(self._spread, _turned_over(rows))
        known = _sum(_product(rows, across), _diagonal(noise, noise, noise / settings.vertical))
        gain = _product(across, _inverse(known))
        self._correct(_seen_by(gain, error), _product(gain, rows))

    def _noise(self, settled_dps: float, step_s: float) -> float:
        """Variance of one look at which the filter's own comes to rest at the square of `settled_dps`."""
        return settled_dps**4 / (self._walk * step_s) + settled_dps**2

    def _correct(self, change: Vector, kept: Matrix) -> None:
        x, y, z = (known + more for known, more in zip(self.dps, change, strict=True))
        if math.isfinite(x + y + z):
            self.dps = (x, y, z)
            taken = _product(kept, self._spread)
            a, b, c, d, e, f, g, h, i = (before - less for before, less in zip(self._spread, taken, strict=True))
            self._spread = (a, b, c, d, e, f, g, h, i)


def _matrix(q: Quaternion) -> Matrix:
    """Rotation matrix of a unit quaternion, row by row."""
    w, x, y, z = q
    return (
        1 - 2 * (y * y + z * z),
        2 * (x * y - w * z),
        2 * (x * z + w * y),
        2 * (x * y + w * z),
        1 - 2 * (x * x + z * z),
        2 * (y * z - w * x),
        2 * (x * z - w * y),
        2 * (y * z + w * x),
        1 - 2 * (x * x + y * y),
    )


def _diagonal(x: float, y: float, z: float) -> Matrix:
    return (x, 0.0, 0.0, 0.0, y, 0.0, 0.0, 0.0, z)


def _sum(m: Matrix, n: Matrix) -> Matrix:
    a, b, c, d, e, f, g, h, i = m
    j, k, l, o, p, q, r, s, t = n  # noqa: E741
    return (a + j, b + k, c + l, d + o, e + p, f + q, g + r, h + s, i + t)


def _turned_over(m: Matrix) -> Matrix:
    a, b, c, d, e, f, g, h, i = m
    return (a, d, g, b, e, h, c, f, i)


def _seen_by(m: Matrix, v: Vector) -> Vector:
    """Matrix times vector."""
    a, b, c, d, e, f, g, h, i = m
    x, y, z = v
    return (a * x + b * y + c * z, d * x + e * y + f * z, g * x + h * y + i * z)


def _product(m: Matrix, n: Matrix) -> Matrix:
    a, b, c, d, e, f, g, h, i = m
    j, k, l, o, p, q, r, s, t = n  # noqa: E741
    return (
        a * j + b * o + c * r,
        a * k + b * p + c * s,
        a * l + b * q + c * t,
        d * j + e * o + f * r,
        d * k + e * p + f * s,
        d * l + e * q + f * t,
        g * j + h * o + i * r,
        g * k + h * p + i * s,
        g * l + h * q + i * t,
    )


def _inverse(m: Matrix) -> Matrix:
    """Inverse by cofactors, of a matrix that is positive definite."""
    a, b, c, d, e, f, g, h, i = m
    p, q, r = e * i - f * h, f * g - d * i, d * h - e * g
    size = 1.0 / (a * p + b * q + c * r)
    return (
        p * size,
        (c * h - b * i) * size,
        (b * f - c * e) * size,
        q * size,
        (a * i - c * g) * size,
        (c * d - a * f) * size,
        r * size,
        (b * g - a * h) * size,
        (a * e - b * d) * size,
    )
