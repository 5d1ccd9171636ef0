"""The heart as electrodes over back and glutes see it: when it beats, and the waves of a beat.

The QRS complex is made as sharp as that of recorded trunk and limb leads: the R wave is 17 to 24 ms wide at half its
height, and a fifth to a seventh of it survives a 30 Hz high-pass of fourth order.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

BREATH_HZ = 0.25
_BREATH_SWING, _RANDOM_SWING = 0.04, 0.028  # together a variability of 4 %
_BEFORE_S, _AFTER_S = 0.35, 0.55
_PLAIN_WAVES = (
    (-0.17, 0.10, 0.025),
    (-0.03, -0.12, 0.008),
    (0.0, 1.0, 0.010),
    (0.03, -0.2, 0.009),
    (0.28, 0.2, 0.05),
)


def beats(duration_s: float, rate_bpm: float, *, seed: int) -> Array:
    """Draw the times of the R waves from just before 0 to just after `duration_s`, with a variability of 4 %."""
    rng = np.random.default_rng([seed, 43])
    beats_s = [-rng.uniform(0.0, 60.0 / rate_bpm)]
    phase = rng.uniform(0, 2 * np.pi)
    while beats_s[-1] < duration_s + 1.0:
        breath = _BREATH_SWING * np.sin(2 * np.pi * BREATH_HZ * beats_s[-1] + phase)
        beats_s.append(beats_s[-1] + 60.0 / rate_bpm * (1.0 + breath + rng.normal(0.0, _RANDOM_SWING)))
    return np.array(beats_s)


def wave(time_s: Array, beats_s: Array, *, seed: int) -> Array:
    """P, Q, R, S and T of each beat as one electrode sees them: shape and sign are drawn, the R wave is 1 high.

    Heights swing by 6 % with breath; the T wave comes earlier when beats are close.

    Parameters
    ----------
    time_s : ndarray, shape (n,)
        Ascending.
    beats_s : ndarray, shape (k,)
        R waves, k at least 1.
    seed : int

    Returns
    -------
    ndarray, shape (n,)
    """
    rng = np.random.default_rng([seed, 42])
    waves = (  # delay and width in seconds, height relative to R
        (-0.16, rng.uniform(0.05, 0.18), 0.022),
        (-0.022, -rng.uniform(0.05, 0.2), 0.006),
        (0.0, 1.0, rng.uniform(0.0072, 0.0100)),
        (0.023, -rng.uniform(0.1, 0.4), 0.007),
        (0.26, rng.uniform(0.1, 0.35), 0.045),
    )
    phase = rng.uniform(0, 2 * np.pi)
    sign = rng.choice([-1.0, 1.0])
    signal = np.zeros_like(time_s)
    for beat_s, interval_s in zip(beats_s, np.diff(beats_s, append=beats_s[-1] + 0.8), strict=True):
        window = slice(*np.searchsorted(time_s, [beat_s - _BEFORE_S, beat_s + _AFTER_S]))
        height = sign * (1.0 + 0.06 * np.sin(2 * np.pi * BREATH_HZ * beat_s + phase))
        for delay_s, relative, width_s in waves:
            late_s = delay_s * np.sqrt(interval_s) if delay_s > 0.1 else delay_s
            signal[window] += height * relative * np.exp(-0.5 * ((time_s[window] - beat_s - late_s) / width_s) ** 2)
    return signal


def plain_wave(time_s: Array, rng: np.random.Generator) -> Array:
    """P-QRS-T train of the plain wearer, about 70 beats a minute, R wave of height 1, one shape everywhere."""
    signal = np.zeros_like(time_s)
    beat_s = time_s[0] + 0.3
    while beat_s < time_s[-1]:
        window = slice(*np.searchsorted(time_s, [beat_s - _BEFORE_S, beat_s + _AFTER_S]))
        for delay_s, height, width_s in _PLAIN_WAVES:
            signal[window] += height * np.exp(-0.5 * ((time_s[window] - beat_s - delay_s) / width_s) ** 2)
        beat_s += 60.0 / 70.0 * rng.lognormal(0.0, 0.04)
    return signal
