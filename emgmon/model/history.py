"""What is remembered of a set for comparisons over weeks: its estimates, and all that makes two sets comparable."""

from __future__ import annotations

import math
from dataclasses import dataclass

from emgmon.model.results import Estimate


@dataclass(frozen=True, slots=True)
class PastSet:
    """One set of one session.

    Attributes
    ----------
    session : str
        Identity of the session: the SHA-256 of its recording, in hexadecimal.
    started_utc : str
        Start of the session, ISO 8601.
    index : int
        Number of the set in its session, from 1.
    exercise, exercise_title : str
    reps, reps_valid : int
    kind : str
        Of the references: ``T1``, ``T2`` or ``T4``; sets of different kinds are never compared.
    device_class : str
        The weakest of the worn EMG channels, ``A`` to ``D``.
    composition : str
        Which muscles of which side were worn, sorted, joined by commas; indices of different ones are never compared.
    load_kg, knee_deg, hold_s, tempo_s, pain, tension : float
        What may explain a difference: weight, knee angle at the top, median hold and rep, pain before and hamstring
        tension after, 0 to 10. NaN where not known.
    placement : str
        Whether the electrodes seem to sit where they sat before: empty when not judged, else ``same``, ``amber``,
        ``red``. A red day is shown and left out of trends.
    coverage : float
        Share of samples of the EMG channels that came and were used, 0 to 1.
    simulated : bool
    estimates : tuple of Estimate
    """

    session: str
    started_utc: str
    index: int
    exercise: str
    exercise_title: str
    reps: int
    reps_valid: int
    kind: str
    device_class: str
    composition: str
    load_kg: float = math.nan
    knee_deg: float = math.nan
    hold_s: float = math.nan
    tempo_s: float = math.nan
    pain: float = math.nan
    tension: float = math.nan
    placement: str = ""
    coverage: float = math.nan
    simulated: bool = False
    estimates: tuple[Estimate, ...] = ()

    def estimate(self, metric: str, phase: str, where: str = "both") -> Estimate | None:
        """Return one estimate, None when it is not there."""
        for item in self.estimates:
            if (item.metric, item.phase, item.where) == (metric, phase, where):
                return item
        return None
