"""Makes samples of sound from a tone and short sounds: numpy, no device, no clock, no thread.

Everything is made in blocks of 5 ms, whatever number of samples is asked for, so the same calls between the same blocks
give the same samples for any buffer size. Phases run on, levels move along straight lines within a block, and short
sounds begin and end at zero: there is no click.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgmon.live.cues_sound import Sound, Tone
from emgmon.model import Array

FS_HZ = 48_000
BLOCK = 240
WAVER_HZ = 7.0
TONE_LEVEL = 0.30
SMOOTH = {"pitch": 0.03, "level": 0.03, "chord": 0.08, "waver": 0.10, "pan": 0.08, "master": 0.02}
"""Time constants in s with which each control follows its target."""
PARTIALS: tuple[tuple[float, float, float], ...] = (
    (1.0, 0.55, 0.55),
    (2.0, 0.20, 0.10),
    (3.0, 0.08, 0.04),
    (1.25, 0.0, 0.40),
    (1.5, 0.0, 0.40),
)
"""Ratio to the pitch, amplitude alone, amplitude in the chord (third and fifth). All ratios repeat after 4 cycles."""
KNEE = 0.7
MOST_VOICES = 8
REPEAT_S = 0.25
"""The same sound is not started again sooner: six sensors that connect together are one sound."""

Stereo = NDArray[np.float32]


class Note(NamedTuple):
    """One note of a short sound; `level` is its amplitude before the volume, `colour` the part of the third partial."""

    hz: float
    start_s: float
    length_s: float
    level: float = 0.2
    colour: float = 0.15


C3, A3, C4, E4, G4, A4, C5, D5, E5, G5, A5, C6, E6 = (
    440.0 * 2.0 ** (k / 12.0) for k in (-21, -12, -9, -5, -2, 0, 3, 5, 7, 10, 12, 15, 19)
)

SCORES: dict[Sound, tuple[Note, ...]] = {
    Sound.CONNECTING: (Note(A4, 0.0, 0.30, 0.10),),
    Sound.READY: (Note(E5, 0.0, 0.12, 0.12), Note(E5, 0.18, 0.24, 0.12)),
    Sound.PROMPT: (Note(A5, 0.0, 0.12), Note(E5, 0.14, 0.12), Note(A5, 0.28, 0.26)),
    Sound.NEXT_REP: (Note(C5, 0.0, 0.10, 0.12), Note(E5, 0.12, 0.20, 0.12)),
    Sound.NEXT_SET: (Note(G4, 0.0, 0.12, 0.14), Note(C5, 0.13, 0.12, 0.14), Note(E5, 0.26, 0.26, 0.14)),
    Sound.STAY: (Note(E5, 0.0, 0.40, 0.12),),
    Sound.SWITCH: (Note(C5, 0.0, 0.14, 0.14), Note(G5, 0.15, 0.14, 0.14), Note(C5, 0.30, 0.24, 0.14)),
    Sound.REST: (Note(G4, 0.0, 0.16, 0.10), Note(C4, 0.14, 0.40, 0.10)),
    Sound.LIFT: (Note(G4, 0.0, 0.10, 0.14), Note(C5, 0.09, 0.22, 0.14)),
    Sound.HOLD: (Note(C5, 0.0, 0.35, 0.14),),
    Sound.LOWER: (Note(C5, 0.0, 0.10, 0.14), Note(G4, 0.09, 0.22, 0.14)),
    Sound.MORE_GLUTE: (
        Note(A4, 0.0, 0.08, 0.18, 0.5),
        Note(D5, 0.10, 0.08, 0.18, 0.5),
        Note(D5, 0.20, 0.10, 0.18, 0.5),
    ),
    Sound.EASE_BACK: (Note(D5, 0.0, 0.08, 0.18, 0.5), Note(A4, 0.10, 0.08, 0.18, 0.5), Note(A4, 0.20, 0.10, 0.18, 0.5)),
    Sound.GLUTE_ON: (Note(E5, 0.0, 0.06, 0.30, 0.3),),
    Sound.TICK: (Note(C6, 0.0, 0.04, 0.20, 0.3),),
    Sound.HOLD_REACHED: (Note(C6, 0.0, 0.09, 0.20), Note(E6, 0.08, 0.22, 0.18)),
    Sound.HOLD_LONG: (Note(E5, 0.0, 0.13, 0.18), Note(C5, 0.12, 0.13, 0.18), Note(A4, 0.24, 0.28, 0.18)),
    Sound.REP_DONE: (Note(C5, 0.0, 0.14), Note(E5, 0.12, 0.14), Note(G5, 0.24, 0.30)),
    Sound.REP_MET: (Note(E5, 0.0, 0.14), Note(G5, 0.12, 0.14), Note(C6, 0.24, 0.40)),
    Sound.REP_MISSED: (Note(A3, 0.0, 0.14, 0.2, 0.5), Note(C4, 0.12, 0.14, 0.2, 0.5), Note(E4, 0.24, 0.30, 0.2, 0.5)),
    Sound.SET_START: (Note(C5, 0.0, 0.45, 0.12), Note(G5, 0.0, 0.45, 0.12), Note(C6, 0.16, 0.40, 0.12)),
    Sound.SET_END: (Note(C6, 0.0, 0.20, 0.14), Note(G5, 0.16, 0.20, 0.14), Note(C5, 0.32, 0.60, 0.16)),
    Sound.SENSOR_LOST: (Note(C3, 0.0, 0.18, 0.3, 0.6), Note(C3, 0.26, 0.30, 0.3, 0.6)),
    Sound.SENSOR_WEAK: (Note(C4, 0.0, 0.22, 0.18, 0.5),),
    Sound.SENSOR_GOOD: (Note(C4, 0.0, 0.10, 0.14), Note(G4, 0.10, 0.20, 0.14)),
    Sound.REFERENCE: (Note(G5, 0.0, 0.12, 0.14), Note(C6, 0.11, 0.12, 0.14), Note(G5, 0.22, 0.25, 0.14)),
    Sound.NOTICE: (Note(D5, 0.0, 0.10, 0.10), Note(G5, 0.09, 0.20, 0.10)),
}


@cache
def motif(sound: Sound) -> Array:
    """Return the samples of a short sound, (n,), amplitude below 0.7, zero at both ends."""
    notes = SCORES[sound]
    out = np.zeros(round(max(note.start_s + note.length_s for note in notes) * FS_HZ))
    for note in notes:
        n = round(note.length_s * FS_HZ)
        seconds = np.arange(n) / FS_HZ
        rise = np.minimum(1.0, seconds / min(0.008, note.length_s / 4))
        fall = np.minimum(1.0, (seconds[-1] - seconds) / (0.5 * note.length_s))
        shape = np.sin(0.5 * np.pi * rise) ** 2 * np.sin(0.5 * np.pi * fall) ** 2
        cycle = 2.0 * np.pi * note.hz * seconds
        wave = (1.0 - note.colour) * np.sin(cycle) + note.colour * np.sin(3.0 * cycle)
        first = round(note.start_s * FS_HZ)
        out[first : first + n] += note.level * shape * wave
    return out


@dataclass(slots=True)
class _Voice:
    sound: Sound
    samples: Array
    at: int = 0


class Synth:
    """The lasting tone and the short sounds, mixed.

    Parameters
    ----------
    volume : float
        0 to 1.
    tone : bool
        Let the lasting tone be heard; without it only the short sounds are.
    """

    def __init__(self, volume: float = 0.6, *, tone: bool = True) -> None:
        self.volume, self.muted = volume, False
        self._with_tone = tone
        self._tone: Tone | None = None
        self._now = {"pitch": math.log(440.0), "level": 0.0, "chord": 0.0, "waver": 0.0, "pan": 0.0, "master": 0.0}
        self._keep = {name: math.exp(-BLOCK / FS_HZ / seconds) for name, seconds in SMOOTH.items()}
        self._cycles = self._waver_cycles = 0.0
        self._voices: list[_Voice] = []
        self._rest: Stereo = np.zeros((0, 2), np.float32)
        ratios, alone, chord = (np.array(column)[:, np.newaxis] for column in zip(*PARTIALS, strict=True))
        self._ratios, self._alone, self._chord = ratios, alone, chord - alone
        self._ramp = np.arange(1, BLOCK + 1) / BLOCK

    def set_tone(self, tone: Tone | None) -> None:
        """Let the tone move to another one, or fade out."""
        if tone is not None and self._tone is None and self._now["level"] < 1e-3:
            self._now["pitch"], self._now["pan"] = math.log(tone.pitch_hz), tone.pan  # begins there, not sliding
        self._tone = tone

    def play(self, sound: Sound) -> None:
        """Start a short sound, unless the same one began within `REPEAT_S` or too many run already."""
        again = any(voice.sound is sound and voice.at < REPEAT_S * FS_HZ for voice in self._voices)
        if not again and len(self._voices) < MOST_VOICES:
            self._voices.append(_Voice(sound, motif(sound)))

    def render(self, n_frames: int) -> Stereo:
        """Return the next samples, (n_frames, 2), left and right, within ±1."""
        blocks, have = [self._rest], len(self._rest)
        while have < n_frames:
            blocks.append(self._block())
            have += BLOCK
        samples = np.concatenate(blocks)
        self._rest = samples[n_frames:]
        return samples[:n_frames]

    def _block(self) -> Stereo:
        """Make the next 5 ms; a control goes from where it was to where it is along a straight line."""
        tone = self._tone if self._with_tone else None
        target = self._now | {"level": 0.0, "master": 0.0 if self.muted else self.volume}
        if tone is not None:
            target |= {"pitch": math.log(tone.pitch_hz), "level": TONE_LEVEL, "waver": tone.waver, "pan": tone.pan}
            target["chord"] = float(tone.chord)
        before = self._now
        self._now = {k: target[k] + (before[k] - target[k]) * keep for k, keep in self._keep.items()}
        if self._now["level"] < 1e-5:
            self._now["level"] = 0.0
        silent = before["level"] == 0.0 and self._now["level"] == 0.0
        mono = np.zeros(BLOCK) if silent else self._tone_block(before)
        left, right = _gains(before["pan"]), _gains(self._now["pan"])
        mix = mono[:, np.newaxis] * (left + (right - left) * self._ramp[:, np.newaxis])
        mix += (math.sqrt(0.5) * self._voices_block())[:, np.newaxis]
        mix *= self._line(before, "master")[:, np.newaxis]
        return limited(mix).astype(np.float32)

    def _tone_block(self, before: dict[str, float]) -> Array:
        hz = np.exp(self._line(before, "pitch"))
        cycles = self._cycles + np.cumsum(hz) / FS_HZ
        waver_cycles = self._waver_cycles + WAVER_HZ / FS_HZ * np.arange(1, BLOCK + 1)
        self._cycles, self._waver_cycles = float(cycles[-1] % 4.0), float(waver_cycles[-1] % 1.0)
        amplitude = self._alone + self._chord * self._line(before, "chord")
        wave = (amplitude * np.sin(2.0 * np.pi * self._ratios * cycles)).sum(axis=0)
        sway = 1.0 - self._line(before, "waver") * 0.5 * (1.0 - np.cos(2.0 * np.pi * waver_cycles))
        return np.asarray(wave * sway * self._line(before, "level"))

    def _voices_block(self) -> Array:
        out = np.zeros(BLOCK)
        for voice in self._voices:
            part = voice.samples[voice.at : voice.at + BLOCK]
            out[: len(part)] += part
            voice.at += BLOCK
        self._voices = [voice for voice in self._voices if voice.at < len(voice.samples)]
        return out

    def _line(self, before: dict[str, float], name: str) -> Array:
        return before[name] + (self._now[name] - before[name]) * self._ramp


def limited(samples: Array) -> Array:
    """Bend what is louder than `KNEE` so that nothing exceeds 1; what is softer passes as it is.

    Works sample by sample, so it has no delay and no memory.
    """
    size = np.abs(samples)
    if size.max(initial=0.0) <= KNEE:
        return samples
    bent = KNEE + (1.0 - KNEE) * np.tanh((size - KNEE) / (1.0 - KNEE))
    return np.where(size > KNEE, np.copysign(bent, samples), samples)


def _gains(pan: float) -> Array:
    """Left and right gain of constant loudness."""
    angle = (pan + 1.0) * math.pi / 4.0
    return np.array([math.cos(angle), math.sin(angle)])
