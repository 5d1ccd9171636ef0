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
from typing import Any

import numpy as np

from emgmon.dsp import motion_loops
from emgmon.dsp.compiled import motion_kernel
from emgmon.dsp.gyro_bias import BiasSettings
from emgmon.dsp.lowpass import low_pass
from emgmon.dsp.motion_loops import TURN_STATE, Vector
from emgmon.dsp.rest import RestSettings, Scale
from emgmon.dsp.rest_loops import LENGTH, LENGTHS, REST_STATE, TILT_STATE
from emgmon.model import Array

UP, STILL, RATE, TURN = slice(0, 3), 3, slice(4, 7), slice(7, 11)
"""Columns: unit vector that points up when the sensor is at rest; 1 where it is still; angular velocity without bias,
dps; unit quaternion (w first) that turns the sensor's axes into level ones of unknown heading."""

SCALE_S = 2.0
"""Stillness from which the scale of an accelerometer without a gyroscope is taken."""


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
    scale: Scale = field(default_factory=Scale)
    _numbers: list[Any] = field(init=False)

    def __post_init__(self) -> None:
        settings, fs_hz = self.settings, self.fs_hz
        bridge = _steps_within(settings.bridge_s, fs_hz)
        every, bias_spec = settings.bias.spec(fs_hz, settings.trust_s)
        times = (1.0 / fs_hz, float(bridge), settings.trust_s * fs_hz, settings.scale_s * fs_hz, float(every))
        self._numbers = [
            settings.rest.spec(fs_hz, bridge),
            [0.0] * REST_STATE,
            [*low_pass(settings.trust_s, fs_hz), *times],
            [0.0] * TURN_STATE,
            bias_spec,
            settings.bias.state(),
            [[0.0] * 11 for _ in range(3)],
        ]

    @property
    def delay_s(self) -> float:
        """Delay of the direction."""
        return 0.0

    @property
    def bias_dps(self) -> Vector:
        """Bias of the gyroscope, as far as it is known."""
        x, y, z = self._numbers[5][:3]
        return float(x), float(y), float(z)

    def restart(self) -> None:
        """Forget the direction, keep the gyroscope's bias: the same sensor came back."""
        _forget(self, 6, _steps_within(self.settings.bridge_s, self.fs_hz))

    def __call__(self, samples: Array) -> Array:
        """Follow the next samples.

        Parameters
        ----------
        samples : (n, 6) array
            Acceleration in g, then angular velocity in degrees per second; a row that is not finite, huge or without
            acceleration is a lost sample.

        Returns
        -------
        (n, 11) array
            See `UP`, `STILL`, `RATE`, `TURN`; NaN where a sample was lost, but 0 for `STILL`.
        """
        loops: Any = motion_kernel() or motion_loops
        self._numbers = rest_spec, rest, spec, state, *bias = loops.numbers(self._numbers)
        columns, codes, means, rows = loops.room(samples)
        loops.rested(columns, rest_spec, rest, codes, means)
        found = loops.follow(columns, codes, means, spec, state, *bias, rows)
        self.scale.take(len(samples), found, state[LENGTH], state[LENGTHS])
        return np.asarray(loops.rows_of(rows))


@dataclass(slots=True)
class Tilt:
    """Direction of gravity from an accelerometer alone: the low-passed acceleration; online, delay `delay_s`.

    Good while the sensor moves slowly; a jerk of the limb looks like a change of inclination. Nothing about turning:
    `TURN` is NaN, and `RATE` only the part of the angular velocity that changes the direction of gravity. After any
    lost sample the direction is found anew.
    """

    fs_hz: float
    lowpass_hz: float = 2.0
    scale: Scale = field(default_factory=Scale)
    _numbers: list[Any] = field(init=False)

    def __post_init__(self) -> None:
        b, a1, a2, _need = low_pass(self.delay_s, self.fs_hz)
        self._numbers = [
            RestSettings().spec(self.fs_hz, 0),
            [0.0] * REST_STATE,
            [b, a1, a2, -math.degrees(self.fs_hz), SCALE_S * self.fs_hz],
            [0.0] * TILT_STATE,
        ]

    @property
    def delay_s(self) -> float:
        """Delay of the low-pass for slow movements."""
        return math.sqrt(2.0) / (2.0 * math.pi * self.lowpass_hz)

    def restart(self) -> None:
        """Forget the direction."""
        _forget(self, 3, 0)

    def __call__(self, samples: Array) -> Array:
        """Follow the next (n, 3) samples of acceleration in g; returns columns as `Gravity`, late by `delay_s`."""
        loops: Any = motion_kernel() or motion_loops
        self._numbers = rest_spec, rest, spec, state = loops.numbers(self._numbers)
        columns, codes, means, rows = loops.room(samples)
        loops.rested(columns, rest_spec, rest, codes, means)
        found = loops.tilted(columns, codes, spec, state, rows)
        self.scale.take(len(samples), found, state[LENGTH], state[LENGTHS])
        return np.asarray(loops.rows_of(rows))


def _steps_within(time_s: float, fs_hz: float) -> int:
    """Return how many sample periods, one added to the other, fit into a time."""
    n, sum_s = 0, 1.0 / fs_hz
    while sum_s <= time_s:
        n, sum_s = n + 1, sum_s + 1.0 / fs_hz
    return n


def _forget(step: Gravity | Tilt, width: int, bridge: int) -> None:
    """Do what a gap does that is longer than those that are bridged, without its samples."""
    seen = step.scale.seen
    step(np.full((bridge + 1, width), math.nan))
    step.scale.seen = seen
