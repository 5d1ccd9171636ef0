"""Everything of the analysis that can be tuned."""

from __future__ import annotations

from dataclasses import dataclass, field

from emgmon.exercise.cues import CueSettings
from emgmon.exercise.reps import RepSettings


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be tuned, by room.

    Attributes
    ----------
    wait_s : float
        A tick waits at most this long for a sensor that is late; by the time of those that are not.
    keep_s : float
        Signal kept outside a set.
    """

    cue: CueSettings = field(default_factory=CueSettings)
    rep: RepSettings = field(default_factory=RepSettings)
    wait_s: float = 0.40
    keep_s: float = 60.0
