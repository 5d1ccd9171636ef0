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
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from emgmon.dsp.gyro_bias import BiasSettings, GyroBias
from emgmon.dsp.lowpass import LowPass
from emgmon.dsp.rest import Rest, RestSettings, Scale
from emgmon.model import Array

UP, STILL, RATE, TURN = slice(0, 3), 3, slice(4, 7), slice(7, 11)
"""Columns: unit vector that points up when the sensor is at rest; 1 where it is still; angular velocity without bias,
dps; unit quaternion (w first) that turns the sensor's axes into level ones of unknown heading."""

COLUMNS = 11

LEAST, MOST = 1e-6, 1e6
"""A sample the sum of whose numbers lies outside is lost."""

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
        for part, whole in whole_parts(samples, 3):
            if whole:
                out[part] = self._steps(samples[part])
                continue
            out[part, STILL] = 0.0
            for _ in range(part.stop - part.start):
                self.scale.seen += 1
                self._lose()
        return out

    def _steps(self, samples: Array) -> list[list[float]]:
        """Follow samples none of which is lost."""
        rows = []
        for row, mean, calm in zip(samples.tolist(), *self.rest.means(samples), strict=True):
            self.scale.seen += 1
            self.rest.step(mean, calm=calm)
            rows.append(self._step(row, mean))
        return rows

    def _lose(self) -> None:
        """Go on through a lost sample with the last angular velocity, for a while."""
        self._lost_s += 1.0 / self.fs_hz
        self.rest.quiet_s = 0.0
        if self._lost_s > self.settings.bridge_s:
            self.restart()
        elif self._turn is not None:
            self._turn = _turned(self._turn, self._rate, 1.0 / self.fs_hz)

    def _step(self, row: list[float], mean: list[float]) -> list[float]:
        ax, ay, az, gx, gy, gz = row
        bx, by, bz = self.bias.dps
        rate = (gx - bx, gy - by, gz - bz)
        self._rate, self._lost_s = rate, 0.0
        if self._turn is None:
            gyro, self._level = (1.0, 0.0, 0.0, 0.0), _levelling(ax, ay, az)
            self._acc = LowPass(self.settings.trust_s, self.fs_hz, 3)
        else:
            gyro = _turned(self._turn, rate, 1.0 / self.fs_hz)
        self._turn = gyro
        drift = self._acc.step3(*rotated(gyro, ax, ay, az))
        if self.scale.known_at < 0:
            self._since += 1
            if self._since > self.settings.trust_s * self.fs_hz:
                self.scale.step(drift)
        small = _levelling(*rotated(self._level, *drift))
        self._level = level = product(small, self._level)
        turn = product(level, gyro)
        self.bias.step(turn, small[1], small[2], mean if self.rest.resting else None)
        w, x, y, z = turn
        up = (2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y))
        return [*up, 1.0 if self.rest.still else 0.0, *rate, w, x, y, z]


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
        for part, whole in whole_parts(samples, 0):
            if whole:
                self._steps(samples[part], out[part])
                continue
            self.scale.seen += part.stop - part.start
            self.restart()
            out[part, STILL] = 0.0
        return out

    def _steps(self, samples: Array, out: Array) -> None:
        """Follow samples none of which is lost into rows of the result."""
        low = self._acc.run(samples).tolist()
        means = self.rest.means(np.concatenate([samples, np.zeros((len(samples), 3))], axis=1))
        for k, ((x, y, z), mean, calm) in enumerate(zip(low, *means, strict=True)):
            self.scale.seen += 1
            self.rest.step(mean, calm=calm)
            length = math.sqrt(x * x + y * y + z * z) or 1.0
            if self.rest.still:
                self.scale.step((x, y, z))
            up, before = (x / length, y / length, z / length), self._up
            vx, vy, vz = before or up
            scale = -math.degrees(self.fs_hz)
            out[k, UP], out[k, STILL], self._up = up, self.rest.still, up
            out[k, RATE] = (
                scale * (vy * up[2] - vz * up[1]),
                scale * (vz * up[0] - vx * up[2]),
                scale * (vx * up[1] - vy * up[0]),
            )


def whole_parts(samples: Array, needed: int) -> Iterator[tuple[slice, bool]]:
    """Yield runs of samples (n, width) that are whole, and of such as are lost: not finite, huge, or all zero.

    Of the first `needed` columns not all may be zero.
    """
    size = np.abs(samples).sum(axis=1)
    with np.errstate(invalid="ignore"):
        whole = (size > LEAST) & (size < MOST)
    if needed:
        whole &= (samples[:, :needed] != 0.0).any(axis=1)
    edges = [0, *(np.flatnonzero(np.diff(whole)) + 1).tolist(), len(samples)]
    for first, stop in pairwise(edges):
        if stop > first:
            yield slice(first, stop), bool(whole[first])


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


def rotated(q: Quaternion, vx: float, vy: float, vz: float) -> Vector:
    """Return a vector turned by the unit quaternion `q`."""
    w, x, y, z = q
    tx, ty, tz = 2.0 * (y * vz - z * vy), 2.0 * (z * vx - x * vz), 2.0 * (x * vy - y * vx)
    return (
        vx + w * tx + y * tz - z * ty,
        vy + w * ty + z * tx - x * tz,
        vz + w * tz + x * ty - y * tx,
    )


def _turned(q: Quaternion, rate_dps: Vector, dt_s: float) -> Quaternion:
    """Orientation `q` after turning for `dt_s` with an angular velocity in the sensor's axes."""
    x, y, z = rate_dps
    size = math.sqrt(x * x + y * y + z * z)
    half = math.radians(0.5 * dt_s * size)
    part = math.sin(half) / size if size > 1e-9 else 0.0
    w, x, y, z = product(q, (math.cos(half), x * part, y * part, z * part))
    length = math.sqrt(w * w + x * x + y * y + z * z)
    return (w / length, x / length, y / length, z / length)


def _levelling(x: float, y: float, z: float) -> Quaternion:
    """Shortest turn that brings a vector to the vertical; (1, 0, 0, 0) for one of no length."""
    length = math.sqrt(x * x + y * y + z * z)
    if length < 1e-12:
        return (1.0, 0.0, 0.0, 0.0)
    half = math.sqrt(max(0.0, 0.5 + 0.5 * z / length))
    if half < 1e-6:
        return (0.0, 1.0, 0.0, 0.0)
    part = 0.5 / (half * length)
    return (half, y * part, -x * part, 0.0)
