"""Takes mains hum out of a live signal: sines that follow it in amplitude, phase and frequency, and are subtracted.

No delay, and hardly a loss of EMG beside the line. The frequency of a hum moves: Mewett, Reynolds and Nazeran 2004,
doi 10.1007/BF02350994; following it with a Kalman filter whose noise is seen beside the line is an addition.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import accumulate, repeat
from operator import mul

import numpy as np

from emgmon.dsp.compiled import kernel
from emgmon.dsp.hum_loops import EACH, HEAD, learn
from emgmon.dsp.mains import FARTHEST_HZ, HARMONICS, MAINS_HZ, UNREAL, Hum
from emgmon.model import Array

BLOCK_S = 0.05
FINE = 8
"""Phasors of a block are products of so many near and some far ones."""


@dataclass(frozen=True, slots=True)
class CancellerSettings:
    """How hum is followed.

    Attributes
    ----------
    wander_hz : float
        Standard deviation of the change of the frequency in a second that is expected: 0.003 in a large grid, 0.03 of a
        small generator. Larger follows faster, and takes more EMG beside the line with it.
    sway : float
        Change of a line's amplitude in a second that is expected, as a share of the hum.
    """

    wander_hz: float = 0.02
    sway: float = 0.05


@dataclass(slots=True)
class MainsCanceller:
    """Subtracts a hum that may change slowly in amplitude, phase and frequency; online, no delay.

    Off until `tune` was called: then samples pass as they are. Within a block of 50 ms the subtracted wave is fixed. At
    its end a Kalman filter takes what was left at each harmonic: the strongest one's phase moves all phases and the
    frequency, lengths move each for itself. How much is noise is seen 20 Hz beside each line, so that activity slows
    everything down by itself, the more the louder it is, and rest finds a phase that was lost within a block. The bits
    do not depend on how the signal was cut, nor on whether the loops are compiled.
    """

    fs_hz: float
    settings: CancellerSettings = CancellerSettings()
    hum: Hum | None = None
    _block: int = field(init=False)
    _state: Array = field(default_factory=lambda: np.zeros(HEAD))
    _known: Array = field(default_factory=lambda: np.zeros(8))
    _turns: Array = field(default_factory=lambda: np.empty((2, 0, 0)))
    _aside: Array = field(init=False)
    _wave: Array = field(init=False)
    _left: Array = field(init=False)
    _filled: int = 0

    def __post_init__(self) -> None:
        self._block = max(4, round(BLOCK_S * self.fs_hz))
        self._left, self._wave = np.zeros((2, self._block))
        cycle = 2.0 * math.pi / self._block * np.arange(self._block)
        self._aside = np.stack([np.cos(cycle), np.sin(cycle)])

    @property
    def f0_hz(self) -> float:
        """Frequency that is subtracted now."""
        return float(self._state[0]) * self.fs_hz / (2.0 * math.pi)

    def tune(self, hum: Hum, before: Array) -> None:
        """Begin with this hum at the next sample.

        Parameters
        ----------
        hum : Hum
        before : (n,) array
            Signal just before, without gaps, from which lengths and phases start.
        """
        self.hum = hum
        n_lines = sum(k * hum.f0_hz <= 0.45 * self.fs_hz for k in range(1, HARMONICS + 1))
        omega = 2.0 * math.pi * hum.f0_hz / self.fs_hz
        past = np.outer(np.arange(1, n_lines + 1) * omega, np.arange(-len(before), 0))
        waves = np.concatenate([np.cos(past), -np.sin(past)])
        fitted = np.linalg.lstsq(waves.T, before - before.mean(), rcond=None)[0]
        lines = np.zeros((n_lines, EACH))
        lines[:, 0], lines[:, 1], lines[:, 2] = fitted[:n_lines], fitted[n_lines:], 0.1 * hum.rms**2
        self._state = np.array([omega, 0.05, 0.0, (2.0 * math.pi * 0.02) ** 2, *lines.ravel()])
        block_s, near_hz = self._block / self.fs_hz, min(MAINS_HZ, key=lambda line_hz: abs(line_hz - hum.f0_hz))
        self._known = np.array(
            [
                block_s,
                self._block,
                self.fs_hz,
                2.0 * math.pi * self.settings.wander_hz,
                (self.settings.sway * hum.rms) ** 2 * 2.0 * block_s,
                1e-12 * hum.rms**2 + 1e-300,
                2.0 * math.pi * (near_hz - FARTHEST_HZ) / self.fs_hz,
                2.0 * math.pi * (near_hz + FARTHEST_HZ) / self.fs_hz,
            ]
        )
        self._filled, self._turns = 0, np.empty((2, n_lines, self._block))
        self._begin(self._state.tolist())

    def off(self) -> None:
        """Let samples pass as they are from now on."""
        self.hum = None

    def __call__(self, samples: Array) -> Array:
        """Return the next samples without hum, (n,); what is not finite stays so."""
        if self.hum is None:
            return samples
        out, loops = np.empty(len(samples)), kernel()
        if loops:
            samples = np.ascontiguousarray(samples, np.float64)
            places = self._left, self._wave, self._turns, self._aside, self._state
            self._filled = loops.cancel(samples, out, *places, self._known, self._filled)
            return out
        done = 0
        while done < len(samples):
            n = min(self._block - self._filled, len(samples) - done)
            left = samples[done : done + n] - self._wave[self._filled : self._filled + n]
            out[done : done + n] = self._left[self._filled : self._filled + n] = left
            self._filled += n
            done += n
            if self._filled == self._block:
                self._learn()
        return out

    def _learn(self) -> None:
        """Move by what was left in the block, and begin the next one."""
        state, sums = self._state.tolist(), []
        if np.abs(self._left).max() < UNREAL:
            sums = _sums_of(self._left - np.add.reduce(self._left) / self._block, self._turns, self._aside)
        learn(state, sums, self._known.tolist())
        self._state[:] = state
        self._filled = 0
        self._begin(state)

    def _begin(self, state: list[float]) -> None:
        """Prepare phasors and wave of a block."""
        n_far, n_lines = -(-self._block // FINE), self._turns.shape[1]
        fine: list[complex] = []
        far: list[complex] = []
        for line in range(1, n_lines + 1):
            step = complex(math.cos(state[0] * line), math.sin(state[0] * line))
            fine += (powers := _powers(step, FINE))
            far += _powers(powers[-1] * step, n_far)
        near, away = np.array(fine).reshape(n_lines, 1, FINE), np.array(far).reshape(n_lines, n_far, 1)
        turns = np.empty((2, n_lines, n_far, FINE))
        np.subtract(away.real * near.real, away.imag * near.imag, out=turns[0])
        np.add(away.imag * near.real, away.real * near.imag, out=turns[1])
        self._turns[:] = turns.reshape(2, n_lines, -1)[:, :, : self._block]
        each = np.array(state[HEAD:]).reshape(n_lines, EACH)
        self._wave[:] = (self._turns[0] * each[:, :1] - self._turns[1] * each[:, 1:2]).sum(axis=0)


def _powers(step: complex, n: int) -> list[complex]:
    """Return the first n powers of a phasor, from the zeroth on."""
    return list(accumulate(repeat(step, n - 1), mul, initial=1.0 + 0.0j))


def _sums_of(left: Array, turns: Array, aside: Array) -> list[float]:
    """Return six numbers for each line: what is left times cosine and sine, and both times two waves beside it."""
    both = turns * left
    rows = np.empty((6, *both.shape[1:]))
    rows[:2] = both
    np.multiply(both, aside[:, None], out=rows[2:4])
    np.multiply(both, aside[::-1, None], out=rows[4:])
    sums: list[float] = rows.sum(axis=2).T.ravel().tolist()
    return sums
