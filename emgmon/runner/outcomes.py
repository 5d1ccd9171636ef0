"""What came of the steps before the first set: a fold over what the pipeline tells, shown on the board as it stands."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from emgmon.model import CalibrationTaken, Event, Placement, Reference, ReferenceTaken, SetClosed

WEAK = 0.7
"""A try below this part of the best is told to have been weak."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Results so far.

    Attributes
    ----------
    tries : mapping of Placement to tuple of Reference
        Each contraction of a channel by itself, in their order; level NaN where nothing stood out of the noise.
    best : mapping of Placement to Reference
        What counts.
    more : frozenset of Placement
        Of whom the last try was clearly the best, so that one more is asked for.
    parts : mapping of str to CalibrationTaken
        The newest answer to each part of the motion sensors' calibration.
    check : bool or None
        Whether the newest check repetition was seen; None before.
    noise : mapping of Placement to float
        RMS of each relaxed channel, in its unit; from the rest, and before it from the quietest moments.
    measured : bool
        The noise is that of a rest.
    """

    tries: Mapping[Placement, tuple[Reference, ...]] = field(default_factory=dict)
    best: Mapping[Placement, Reference] = field(default_factory=dict)
    more: frozenset[Placement] = frozenset()
    parts: Mapping[str, CalibrationTaken] = field(default_factory=dict)
    check: bool | None = None
    noise: Mapping[Placement, float] = field(default_factory=dict)
    measured: bool = False

    def after(self, event: Event) -> Outcomes:
        """Return what is known once this event came."""
        if isinstance(event, ReferenceTaken):
            return self._tried(event)
        if isinstance(event, CalibrationTaken):
            return replace(self, parts={**self.parts, event.part: event})
        if isinstance(event, SetClosed) and event.check:
            return replace(self, check=bool(event.summary.reps))
        return self

    def with_noise(self, noise: Mapping[Placement, float], *, measured: bool) -> Outcomes:
        """Return the same with the noise of the channels."""
        return replace(self, noise=noise, measured=measured)

    def _tried(self, event: ReferenceTaken) -> Outcomes:
        tries, best = dict(self.tries), dict(self.best)
        for item in event.tries:
            tries[item.placement] = (*tries.get(item.placement, ()), item)
        for item in event.references:
            best[item.placement] = item
        here = {item.placement for item in event.tries}
        return replace(self, tries=tries, best=best, more=(self.more - here) | (here if event.more else frozenset()))

    def of(self, place: Placement, kind: str) -> tuple[Reference, ...]:
        """Return the tries of one channel and kind."""
        return tuple(item for item in self.tries.get(place, ()) if item.kind == kind)

    def verdict(self, place: Placement, kind: str) -> str:
        """Say how the last try of a channel was: ``none``, ``silent``, ``cut off``, ``weak`` or ``good``."""
        done = self.of(place, kind)
        if not done:
            return "none"
        last, best = done[-1], self.best.get(place)
        if math.isnan(last.level):
            return "silent"
        if last.cut_off:
            return "cut off"
        return "weak" if best is not None and last.level < WEAK * best.level else "good"
