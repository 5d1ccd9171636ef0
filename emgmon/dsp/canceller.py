"""Takes mains hum out of a live signal: sines that follow it in amplitude, phase and frequency, and are subtracted.

No delay, and hardly a loss of EMG beside the line. The frequency of a hum moves: Mewett, Reynolds and Nazeran 2004,
doi 10.1007/BF02350994; following it with a Kalman filter whose noise is seen beside the line is an addition.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from emgmon.dsp.mains import FARTHEST_HZ, HARMONICS, MAINS_HZ, UNREAL, Hum, Spectrum
from emgmon.model import Array

BLOCK_S = 0.05
LOST_RAD2 = 3.3
"""Variance of a phase of which nothing is known."""


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
    do not depend on how the signal was cut.
    """

    fs_hz: float
    settings: CancellerSettings = CancellerSettings()
    hum: Hum | None = None
    _block: int = field(init=False)
    _omega: float = 0.0
    _lines: tuple[float, ...] = ()
    _turns: Spectrum = field(default_factory=lambda: np.empty((0, 0), np.complex128))
    _aside: Spectrum = field(init=False)
    _index: NDArray[np.int64] = field(init=False)
    _wave: Array = field(default_factory=lambda: np.empty(0))
    _phasors: list[complex] = field(default_factory=list)
    _unsure: list[float] = field(default_factory=list)
    _noise: list[float] = field(default_factory=list)
    _phase: _Phase = field(init=False)
    _left: Array = field(init=False)
    _filled: int = 0

    def __post_init__(self) -> None:
        self._block = max(4, round(BLOCK_S * self.fs_hz))
        self._left = np.zeros(self._block)
        cycles = np.array([0.0, -1.0, 1.0]) * 2.0 * math.pi / self._block
        self._index = np.arange(self._block)
        self._aside = _turns(cycles, self._index).conj()[:, None]
        self._phase = _Phase(self._block / self.fs_hz, self.settings.wander_hz)

    @property
    def f0_hz(self) -> float:
        """Frequency that is subtracted now."""
        return self._omega * self.fs_hz / (2.0 * math.pi)

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
        self._lines = tuple(float(k) for k in range(1, n_lines + 1))
        self._omega = 2.0 * math.pi * hum.f0_hz / self.fs_hz
        past = _turns(np.array(self._lines) * self._omega, np.arange(-len(before), 0))
        waves = np.concatenate([past.real, -past.imag])
        fitted = np.linalg.lstsq(waves.T, before - before.mean(), rcond=None)[0]
        self._phasors = (fitted[:n_lines] + 1j * fitted[n_lines:]).tolist()
        self._unsure, self._noise = [0.1 * hum.rms**2] * n_lines, [0.0] * n_lines
        self._phase = _Phase(self._block / self.fs_hz, self.settings.wander_hz)
        self._begin()

    def off(self) -> None:
        """Let samples pass as they are from now on."""
        self.hum = None

    def __call__(self, samples: Array) -> Array:
        """Return the next samples without hum, (n,); what is not finite stays so."""
        if self.hum is None:
            return samples
        out = np.empty(len(samples))
        done = 0
        while done < len(samples):
            n = min(self._block - self._filled, len(samples) - done)
            left = samples[done : done + n] - self._wave[self._filled : self._filled + n]
            out[done : done + n] = self._left[self._filled : self._filled + n] = left
            self._filled += n
            done += n
            if self._filled == self._block:
                self._learn(self.hum)
        return out

    def _learn(self, hum: Hum) -> None:
        """Move by what was left in the block, then turn all phases to the beginning of the next one."""
        grown = (self.settings.sway * hum.rms) ** 2 * 2.0 * (self._block / self.fs_hz)
        self._unsure = [unsure + grown for unsure in self._unsure]
        self._phase.wait()
        omega = self._omega
        if np.abs(self._left).max() < UNREAL:
            found, below, above = self._found(self._left - np.add.reduce(self._left) / self._block)
            self._noise = [
                max(beside := 0.25 * (abs(low) ** 2 + abs(high) ** 2), noise + 0.2 * (beside - noise))
                + 1e-12 * hum.rms**2
                + 1e-300
                for noise, low, high in zip(self._noise, below, above, strict=True)
            ]
            self._move(found)
        self._phasors = [
            phasor * cmath.exp(1j * self._block * omega * line)
            for phasor, line in zip(self._phasors, self._lines, strict=True)
        ]
        self._begin()

    def _found(self, left: Array) -> list[list[complex]]:
        """Complex amplitude of what is left at each line, one cycle in a block below it, and one above it."""
        turned = self._aside * (self._turns.conj() * left)
        amplitudes: list[list[complex]] = (turned.sum(axis=-1) * (2.0 / self._block)).tolist()
        return amplitudes

    def _move(self, found: list[complex]) -> None:
        """Correct phases and frequency by the strongest line, then each length; the others' own phases too."""
        seen = [phasor + left for phasor, left in zip(self._phasors, found, strict=True)]
        power = [max(abs(phasor) ** 2, 1e-9 * noise) for phasor, noise in zip(self._phasors, self._noise, strict=True)]
        worth = [n * n * p / noise for n, p, noise in zip(self._lines, power, self._noise, strict=True)]
        chosen = worth.index(max(worth))
        line = self._lines[chosen]
        error = seen[chosen] * self._phasors[chosen].conjugate()
        turn, faster = self._phase.see(
            math.atan2(error.imag, error.real) / line, self._noise[chosen] / power[chosen] / line**2
        )
        self._phasors = [p * cmath.exp(1j * turn * n) for p, n in zip(self._phasors, self._lines, strict=True)]
        limits = [2.0 * math.pi * (f_hz + off) / self.fs_hz for f_hz in MAINS_HZ for off in (-FARTHEST_HZ, FARTHEST_HZ)]
        low, high = limits[:2] if self._omega < 0.5 * (limits[1] + limits[2]) else limits[2:]
        self._omega = min(max(self._omega + faster / self.fs_hz, low), high)
        for k, before in enumerate(self._phasors):
            step = seen[k] - before
            if k == chosen:
                towards = before / max(abs(before), 1e-150)
                step = towards * (step * towards.conjugate()).real
            gain = self._unsure[k] / (self._unsure[k] + self._noise[k])
            self._phasors[k] = before + gain * step
            self._unsure[k] *= 1.0 - gain

    def _begin(self) -> None:
        self._filled = 0
        self._turns = _turns(np.array(self._lines) * self._omega, self._index)
        self._wave = (self._turns * np.array(self._phasors)[:, None]).real.sum(axis=0)


@dataclass(slots=True)
class _Phase:
    """How unsure phase (rad) and angular frequency (rad/s) of the fundamental are; both move once a block."""

    block_s: float
    wander_hz: float
    _phase: float = 0.05
    _both: float = 0.0
    _rate: float = (2.0 * math.pi * 0.02) ** 2

    def wait(self) -> None:
        """Let a block pass."""
        t_s, grown = self.block_s, (2.0 * math.pi * self.wander_hz) ** 2 * self.block_s
        self._phase += t_s * (2.0 * self._both + t_s * self._rate) + grown * t_s * t_s / 3.0
        self._both += t_s * self._rate + grown * t_s / 2.0
        self._rate += grown
        if self._phase > LOST_RAD2:
            self._both *= math.sqrt(LOST_RAD2 / self._phase)
            self._phase = LOST_RAD2
        most = (2.0 * math.pi * FARTHEST_HZ) ** 2
        if self._rate > most:
            self._both *= math.sqrt(most / self._rate)
            self._rate = most

    def see(self, error: float, noise: float) -> tuple[float, float]:
        """Take the error of the phase (rad) and its variance; returns the corrections of phase and rate."""
        total = self._phase + noise
        first, second = self._phase / total, self._both / total
        self._rate -= second * self._both
        self._both *= 1.0 - first
        self._phase *= 1.0 - first
        return first * error, second * error


def _turns(omega: Array, index: NDArray[np.int64]) -> Spectrum:
    """Return unit phasors at angular frequencies (rad/sample), (n_lines, n)."""
    return np.asarray(np.exp(1j * omega[:, None] * index))
