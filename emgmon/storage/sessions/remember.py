"""From a session's summary, and what its marks say, to what is remembered of each set."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from emgmon.model import ChannelQuality, Mark, Part, SessionSummary, SetSummary
from emgmon.model.history import PastSet
from emgmon.storage.recording import Recording

SAID = ("pain", "tension")
"""Marks whose `value`, 0 to 10, the person said."""


@dataclass(slots=True)
class SaidOfSet:
    """What marks say around one set; NaN where nobody said it.

    Pain is before the set, tension after it; `utc_offset_s` is of the session: how far clocks were ahead of UTC.
    """

    pain: float = math.nan
    tension: float = math.nan
    load_kg: float = math.nan
    knee_deg: float = math.nan
    utc_offset_s: float = math.nan


@dataclass(slots=True)
class Heard:
    """Entries on their way into an analysis; what the person said beside them is kept.

    Attributes
    ----------
    entries : iterable of Part, or Recording
        May be iterated again; each time starts anew.
    sets : list of SaidOfSet
        For each ``set_start`` so far.
    """

    entries: Iterable[Part]
    sets: list[SaidOfSet] = field(default_factory=list)

    def __iter__(self) -> Iterator[Part]:
        self.sets.clear()
        pain = ahead_s = math.nan
        for entry in self.entries.runs() if isinstance(self.entries, Recording) else self.entries:
            if isinstance(entry, Mark):
                value = _number(entry.data.get("value"))
                if entry.kind == "session":
                    ahead_s = _number(entry.data.get("utc_offset_s"))
                elif entry.kind == "pain":
                    pain = value
                elif entry.kind == "tension" and self.sets:
                    self.sets[-1].tension = value
                elif entry.kind == "set_start":
                    load_kg, knee_deg = (_number(entry.data.get(name)) for name in ("load_kg", "knee_deg"))
                    self.sets.append(SaidOfSet(pain, load_kg=load_kg, knee_deg=knee_deg, utc_offset_s=ahead_s))
            yield entry


def _number(value: Any) -> float:
    """Return a finite number of a mark, else NaN."""
    known = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if known else math.nan


def remembered(summary: SessionSummary, session: str, said: Sequence[SaidOfSet] = ()) -> tuple[PastSet, ...]:
    """Return what of a session's sets is compared with other days.

    Parameters
    ----------
    summary : SessionSummary
    session : str
        SHA-256 of its recording, hexadecimal.
    said : sequence of SaidOfSet
        In the order of the sets, as `Heard` finds it.
    """
    muscles = [channel for channel in summary.channels if channel.device_class and channel.placement]
    beside: Mapping[int, SaidOfSet] = dict(enumerate(said, start=1))
    return tuple(_past(summary, session, item, muscles, beside.get(item.index, SaidOfSet())) for item in summary.sets)


def _past(
    summary: SessionSummary, session: str, item: SetSummary, muscles: Sequence[ChannelQuality], said: SaidOfSet
) -> PastSet:
    return PastSet(
        session=session,
        started_utc=summary.started_utc,
        index=item.index,
        exercise=item.exercise,
        exercise_title=item.exercise_title,
        reps=len(item.reps),
        reps_valid=sum(rep.valid for rep in item.reps),
        kind=item.kind,
        device_class=max((channel.device_class for channel in muscles), default=""),
        composition=",".join(sorted(str(channel.placement) for channel in muscles)),
        load_kg=said.load_kg,
        knee_deg=said.knee_deg,
        hold_s=_median_s(item, "hold"),
        tempo_s=_median_s(item, "act"),
        pain=said.pain,
        tension=said.tension,
        coverage=_coverage(muscles),
        simulated=summary.simulated,
        estimates=item.estimates,
        utc_offset_s=said.utc_offset_s,
    )


def _median_s(item: SetSummary, phase: str) -> float:
    """Median length of a phase over the valid reps, s."""
    lengths_s = [rep.value("duration", phase) for rep in item.reps if rep.valid]
    known_s = [length_s for length_s in lengths_s if math.isfinite(length_s)]
    return median(known_s) if known_s else math.nan


def _coverage(muscles: Sequence[ChannelQuality]) -> float:
    """Share of the EMG samples of a session that came and were used."""
    expected = sum(channel.samples + channel.lost for channel in muscles)
    used = sum(channel.samples - channel.masked for channel in muscles)
    return used / expected if expected else math.nan
