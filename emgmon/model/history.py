"""What is remembered of a set for comparisons over weeks: its estimates, and all that makes two sets comparable."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

from emgmon.model.results import Estimate

FARTHEST_ZONE_S = 15 * 3600.0
"""No clock on Earth is farther from UTC."""


@dataclass(frozen=True, slots=True)
class PastSet:
    """One set of one session.

    Attributes
    ----------
    session : str
        Identity of the session: the SHA-256 of its recording, in hexadecimal.
    started_utc : str
        Start of the session, ISO 8601.
    utc_offset_s : float
        What clocks where the person was were ahead of UTC by, seconds; NaN where nobody knows, and UTC is taken.
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
    placement_why : str
        What that rests on, in words; empty when nothing is doubtful.
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
    estimates: Sequence[Estimate] = ()
    utc_offset_s: float = math.nan
    placement_why: str = ""

    @property
    def started(self) -> dt.datetime | None:
        """When the session began, by clocks where the person was; None when the text is no time."""
        try:
            when = dt.datetime.fromisoformat(self.started_utc)
            when = when.replace(tzinfo=dt.UTC) if when.tzinfo is None else when
            ahead_s = self.utc_offset_s if abs(self.utc_offset_s) <= FARTHEST_ZONE_S else 0.0
            return when.astimezone(dt.timezone(dt.timedelta(seconds=ahead_s)))
        except (ValueError, OverflowError):
            return None

    @property
    def day(self) -> str:
        """The person's own day on which the session began, ``2026-11-22``; empty when its time is no time."""
        when = self.started
        return when.date().isoformat() if when else ""

    def estimate(self, metric: str, phase: str, where: str = "both") -> Estimate | None:
        """Return one estimate, None when it is not there."""
        for item in self.estimates:
            if (item.metric, item.phase, item.where) == (metric, phase, where):
                return item
        return None
