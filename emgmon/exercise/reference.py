"""What means 100 %: the level of a reference contraction, and what each kind of reference permits to be said.

`PERMITS` is the only place where that is decided; analysis and report ask it. ``docs/normalisation.md`` has
the reasons.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from emgmon.dsp.envelope import HOP_S, moving_rms
from emgmon.model import Array

WINDOW_S = 0.5
"""The best steady half second counts; a shorter window inflates the level by chance (15 % at 500 ms, 39 % at 100)."""

PAIN_LIMIT = 3.0
"""From this pain on, of 10, nobody is asked for a maximal contraction."""

BETTER = 1.05
"""A last trial above the best of those before by more than this factor asks for one more."""
TRIALS, MOST_TRIALS = 3, 5

EXCEEDED = 1.10
"""A task whose best half second lies above this part of a maximal reference shows that it was not maximal."""
EXCEEDED_REPS = 2
"""One repetition alone never says so."""

DRIFT = 0.20
"""A reference repeated at the end may differ by this part before it is said."""


@dataclass(frozen=True, slots=True)
class Permit:
    """What one kind of reference permits.

    Attributes
    ----------
    title : str
        What 100 % is, for labels: ``% of ...``.
    levels : bool
        Muscles may be compared by their level: shares, the index as a number, "dominant".
    norms : bool
        The level may be held against published healthy groups.
    sides : bool
        Left and right may be compared.
    days : bool
        The level may be compared with that of another day.
    session : bool
        Changes within the session may be said.
    sentence : str
        The same for the reader of a report.
    """

    title: str
    levels: bool
    norms: bool
    sides: bool
    days: bool
    session: bool
    sentence: str


PERMITS: Mapping[str, Permit] = {
    "T1": Permit(
        "maximal reference",
        levels=True,
        norms=True,
        sides=True,
        days=True,
        session=True,
        sentence="Levels, shares and indices compare each muscle with its own maximal contraction of the same day. "
        "They say which muscle group is relatively most active, not how much force it makes.",
    ),
    "T2": Permit(
        "reference task",
        levels=False,
        norms=False,
        sides=True,
        days=True,
        session=True,
        sentence="Each muscle is shown relative to its own light reference task. How hard that task is differs from "
        "muscle to muscle, so levels of two muscles are not held against each other: only changes mean something, "
        "within the session and from day to day.",
    ),
    "T4": Permit(
        "none",
        levels=False,
        norms=False,
        sides=False,
        days=False,
        session=True,
        sentence="No common reference was recorded. A level in µV depends on skin, fat and electrodes, so muscles "
        "cannot be compared with each other: only changes within this session mean something.",
    ),
}
"""By kind: maximal isometric contraction, light task against gravity, nothing. The best comes first."""

TRIAL_KINDS = ("T1", "T2")

REFUSED: Mapping[str, str] = {
    "T3": "A reference taken from an exercise itself is not used: divided by their own peaks all muscles look alike, "
    "and the difference that is looked for is gone. Take a maximal contraction or a light reference task.",
}
"""Kinds of reference that are known and not used, with the reason."""


def common_kind(kinds: Iterable[Collection[str]]) -> str:
    """Return the best kind that every channel has, ``T4`` when there is none; kinds are never mixed.

    Parameters
    ----------
    kinds : iterable of collections of str
        For each channel that is compared, the kinds of which it has a level.
    """
    each = list(kinds)
    return next((kind for kind in TRIAL_KINDS if each and all(kind in known for known in each)), "T4")


def reference_level(power: Array, noise: float) -> float:
    """Largest noise-subtracted RMS over 500 ms in a reference contraction.

    Parameters
    ----------
    power : (n,) array
        Mean squares of 10 ms hops during the contraction; NaN where lost.
    noise : float
        RMS of the relaxed channel, NaN when unknown.

    Returns
    -------
    float
        Unit of the channel; NaN when less than half a second is there, or nothing above three times the noise.
    """
    best = best_window(power, noise)
    return float("nan") if best <= 3.0 * np.nan_to_num(noise) else best


def best_window(power: Array, noise: float) -> float:
    """Largest noise-subtracted RMS over 500 ms of hops, unit of the channel; NaN when none is whole enough."""
    windows = moving_rms(power, round(WINDOW_S / HOP_S), noise)
    windows = windows[np.isfinite(windows)]
    return float(windows.max()) if len(windows) else float("nan")
