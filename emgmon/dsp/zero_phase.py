"""Slow courses smoothed without delay: a second-order low-pass run forwards and backwards; offline, vectorised."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy

from emgmon.model import Array


@lru_cache(maxsize=32)
def _design(cutoff_hz: float, fs_hz: float) -> tuple[Array, Array]:
    """Coefficients (2, 3) of the Butterworth low-pass, and its state after a step (2,)."""
    b, a = scipy.signal.butter(2, cutoff_hz, fs=fs_hz)
    return np.array([b, a]), np.asarray(scipy.signal.lfilter_zi(b, a), np.float64)


def smoothed(course: Array, cutoff_hz: float, fs_hz: float, pad: int = 9) -> Array:
    """Smooth courses with a second-order Butterworth low-pass run both ways: no delay.

    As `scipy.signal.filtfilt`, of which design and checks are the dearer part for courses of a few hundred values: they
    are made once for a rate and cutoff.

    Parameters
    ----------
    course : (..., n) array
        Finite.
    cutoff_hz : float
        Corner of one pass; both together have 0.802 of it.
    fs_hz : float
    pad : int
        Values by which each end is continued, turned about it; less than n.

    Returns
    -------
    (..., n) array
    """
    (b, a), step = _design(cutoff_hz, fs_hz)
    if pad:
        before = 2.0 * course[..., :1] - course[..., pad:0:-1]
        after = 2.0 * course[..., -1:] - course[..., -2 : -(pad + 2) : -1]
        course = np.concatenate([before, course, after], axis=-1)
    for _way in range(2):
        course = scipy.signal.lfilter(b, a, course, zi=step * course[..., :1])[0][..., ::-1]
    return np.asarray(course[..., pad : course.shape[-1] - pad])
