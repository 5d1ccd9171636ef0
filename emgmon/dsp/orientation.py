"""How a motion sensor stands: which way is up, and how far it has turned, without a magnetometer.

`Gravity` takes accelerometer and gyroscope, `Tilt` an accelerometer alone. Both are online and give the same columns
(`UP`, `STILL`, `RATE`, `TURN`). Heading is never absolute: its zero means nothing and it drifts with what is left of
the gyroscope's bias, so it is of use for seconds.

The method is that of VQF without its magnetometer part (Laidig & Seel 2023, doi:10.1016/j.inffus.2022.10.014): the
gyroscope is integrated, the acceleration is low-passed in the frame so found, where a moving sensor's gravity stands
still, and what is left of its tilt is taken out. The same residual and each rest tell the gyroscope's bias.
Deviations: rest is also refused while gravity's direction creeps, so a slow lift is no rest although the bias may be
larger; the bias is looked at 25 times a second; gaps up to `bridge_s` are bridged with the last angular velocity.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from emgmon.dsp.gyro_bias import BiasSettings, GyroBias
from emgmon.dsp.lowpass import LowPass
from emgmon.dsp.rest import Rest, RestSettings, Scale
from emgmon.model import Array

UP, STILL, RATE, TURN = slice(0, 3), 3, slice(4, 7), slice(7, 11)
"""Columns: unit vector that points up when the sensor is at rest; 1 where it is still; angular velocity without bias,
dps; unit quaternion (w first) that turns the sensor's axes into level ones of unknown heading."""

COLUMNS = 11

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class GravitySettings:
    """How gravity is followed; no setting depends on the sampling rate.

    Attributes
    ----------
    trust_s : float
        Time constant with which the accelerometer corrects the gyroscope. Longer shrugs off jerks, shorter drifts less.
    bridge_s : float
        After a longer gap the direction is found anew.
    scale_s : float
        Signal from which the accelerometer's scale is taken, once.
    rest : RestSettings
    bias : BiasSettings
    """

    trust_s: float = 3.0
    bridge_s: float = 0.1
    scale_s: float = 20.0
    rest: RestSettings = field(default_factory=RestSettings)
    bias: BiasSettings = field(default_factory=BiasSettings)


@dataclass(slots=True)
class Gravity:
    """Direction of gravity in one sensor's frame from accelerometer and gyroscope; online, no delay.

    Inclination and bias only; see the module's docstring.
    """

    fs_hz: float
    settings: GravitySettings = field(default_factory=GravitySettings)
    rest: Rest = field(init=False)
    bias: GyroBias = field(init=False)
    scale: Scale = field(init=False)
    _acc: LowPass = field(init=False)
    _turn: Quaternion | None = None
    _level: Quaternion = (1.0, 0.0, 0.0, 0.0)
    _rate: Vector = (0.0, 0.0, 0.0)
    _lost_s: float = 0.0
    _since: int = 0

    def __post_init__(self) -> None:
        self.rest = Rest(self.fs_hz, self.settings.rest)
        self.scale = Scale(self.settings.scale_s, self.fs_hz)
        self.bias = GyroBias(self.fs_hz, self.settings.bias, self.settings.trust_s)
        self._acc = LowPass(self.settings.trust_s, self.fs_hz, 3)

    @property
    def delay_s(self) -> float:
        """Delay of the direction."""
        return 0.0

    def restart(self) -> None:
        """Forget the direction, keep the gyroscope's bias: the same sensor came back."""
        self._turn, self._lost_s, self._since = None, 0.0, 0
        self.rest.restart()
        self.bias.restart()

    def __call__(self, samples: Array) -> Array:
        """Follow the next samples.

        Parameters
        ----------
        samples : (n, 6) array
            Acceleration in g, then angular velocity in degrees per second; a row that is not finite is a lost sample.

        Returns
        -------
        (n, 11) array
            See `UP`, `STILL`, `RATE`, `TURN`; NaN where a sample was lost, but 0 for `STILL`.
        """
        out = np.full((len(samples), COLUMNS), math.nan)
        for k, row in enumerate(samples.tolist()):
            size = sum(map(abs, row))
            self.scale.seen += 1
            if not 1e-6 < size < 1e6 or row[0] == row[1] == row[2] == 0.0:
                self._lose()
                out[k, STILL] = 0.0
            else:
                out[k] = self._step(row)
        return out

    def _lose(self) -> None:
        """Go on through a lost sample with the last angular velocity, for a while."""
        self._lost_s += 1.0 / self.fs_hz
        self.rest.quiet_s = 0.0
        if self._lost_s > self.settings.bridge_s:
            self.restart()
        elif self._turn is not None:
            self._turn = _turned(self._turn, self._rate, 1.0 / self.fs_hz)

    def _step(self, row: list[float]) -> list[float]:
        means = self.rest.step(row)
        bx, by, bz = self.bias.dps
        rate = (row[3] - bx, row[4] - by, row[5] - bz)
        self._rate, self._lost_s = rate, 0.0
        acc = (row[0], row[1], row[2])
        if self._turn is None:
            self._turn, self._level = (1.0, 0.0, 0.0, 0.0), _levelling(acc)
            self._acc = LowPass(self.settings.trust_s, self.fs_hz, 3)
        else:
            self._turn = _turned(self._turn, rate, 1.0 / self.fs_hz)
        drift = self._acc.step(list(rotated(self._turn, acc)))
        self._since += 1
        if self._since > self.settings.trust_s * self.fs_hz:
            self.scale.step(drift)
        here = rotated(self._level, (drift[0], drift[1], drift[2]))
        small = _levelling(here)
        self._level = product(small, self._level)
        turn = _unit(product(self._level, self._turn))
        self.bias.step(turn, (2.0 * small[1], 2.0 * small[2]), means[3:] if self.rest.resting else None)
        w, x, y, z = turn
        up = (2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y))
        return [*up, float(self.rest.still), *rate, *turn]


@dataclass(slots=True)
class Tilt:
    """Direction of gravity from an accelerometer alone: the low-passed acceleration; online, delay `delay_s`.

    Good while the sensor moves slowly; a jerk of the limb looks like a change of inclination. Nothing about turning:
    `TURN` is NaN, and `RATE` only the part of the angular velocity that changes the direction of gravity.
    """

    fs_hz: float
    lowpass_hz: float = 2.0
    rest: Rest = field(init=False)
    scale: Scale = field(init=False)
    _acc: LowPass = field(init=False)
    _up: Vector | None = None

    def __post_init__(self) -> None:
        self.rest = Rest(self.fs_hz, RestSettings())
        self.scale = Scale(2.0, self.fs_hz)
        self.restart()

    @property
    def delay_s(self) -> float:
        """Delay of the low-pass for slow movements."""
        return math.sqrt(2.0) / (2.0 * math.pi * self.lowpass_hz)

    def restart(self) -> None:
        """Forget the direction."""
        self._acc = LowPass(self.delay_s, self.fs_hz, 3, settle_s=0.0)
        self._up = None
        self.rest.restart()

    def __call__(self, samples: Array) -> Array:
        """Follow the next (n, 3) samples of acceleration in g; returns columns as `Gravity`, late by `delay_s`."""
        out = np.full((len(samples), COLUMNS), math.nan)
        for k, (ax, ay, az) in enumerate(samples.tolist()):
            size = abs(ax) + abs(ay) + abs(az)
            self.scale.seen += 1
            if not 1e-6 < size < 1e6:
                self.restart()
                out[k, STILL] = 0.0
                continue
            self.rest.step([ax, ay, az, 0.0, 0.0, 0.0])
            x, y, z = self._acc.step([ax, ay, az])
            length = math.sqrt(x * x + y * y + z * z) or 1.0
            if self.rest.still:
                self.scale.step([x, y, z])
            up, before = (x / length, y / length, z / length), self._up
            vx, vy, vz = before or up
            scale = -math.degrees(self.fs_hz)
            out[k, UP], out[k, STILL], self._up = up, self.rest.still, up
            out[k, RATE] = (
                scale * (vy * up[2] - vz * up[1]),
                scale * (vz * up[0] - vx * up[2]),
                scale * (vx * up[1] - vy * up[0]),
            )
        return out


def product(p: Quaternion, q: Quaternion) -> Quaternion:
    """Turn by `q`, then by `p`."""
    pw, px, py, pz = p
    qw, qx, qy, qz = q
    return (
        pw * qw - px * qx - py * qy - pz * qz,
        pw * qx + px * qw + py * qz - pz * qy,
        pw * qy - px * qz + py * qw + pz * qx,
        pw * qz + px * qy - py * qx + pz * qw,
    )


def rotated(q: Quaternion, v: Vector) -> Vector:
    """Vector `v` turned by the unit quaternion `q`."""
    w, x, y, z = q
    tx, ty, tz = 2.0 * (y * v[2] - z * v[1]), 2.0 * (z * v[0] - x * v[2]), 2.0 * (x * v[1] - y * v[0])
    return (
        v[0] + w * tx + y * tz - z * ty,
        v[1] + w * ty + z * tx - x * tz,
        v[2] + w * tz + x * ty - y * tx,
    )


def _unit(q: Quaternion) -> Quaternion:
    length = math.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3])
    return (q[0] / length, q[1] / length, q[2] / length, q[3] / length)


def _turned(q: Quaternion, rate_dps: Vector, dt_s: float) -> Quaternion:
    """Orientation `q` after turning for `dt_s` with an angular velocity in the sensor's axes."""
    x, y, z = (math.radians(dt_s * part) for part in rate_dps)
    angle = math.sqrt(x * x + y * y + z * z)
    part = math.sin(angle / 2.0) / angle if angle > 1e-12 else 0.5
    return _unit(product(q, (math.cos(angle / 2.0), x * part, y * part, z * part)))


def _levelling(v: Vector) -> Quaternion:
    """Shortest turn that brings `v` to the vertical; (1, 0, 0, 0) for a vector of no length."""
    length = math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2])
    if length < 1e-12:
        return (1.0, 0.0, 0.0, 0.0)
    x, y, z = v[0] / length, v[1] / length, v[2] / length
    half = math.sqrt(max(0.0, (1.0 + z) / 2.0))
    if half < 1e-6:
        return (0.0, 1.0, 0.0, 0.0)
    return _unit((half, y / (2.0 * half), -x / (2.0 * half), 0.0))
