"""From the running envelopes and the exercise's rules to the cue of this moment."""

from __future__ import annotations

import math
from dataclasses import dataclass

from emgmon.model import CueWord, Phase


@dataclass(frozen=True, slots=True)
class CueSettings:
    """When a cue changes.

    Attributes
    ----------
    dead_band_ln : float
        A change of the index by less than this is noise of a 500 ms window (×1.17) and is not shown.
    """

    dead_band_ln: float = 0.16


def leader(change_h: float, change_e: float, change_sdi: float, settings: CueSettings) -> str:
    """Who leads, against the person's own first reps in the same phase.

    Parameters
    ----------
    change_h, change_e : float
        Change of ln(H/G) and ln(E/G); NaN where the group is not worn.
    change_sdi : float
        Change of the index of all groups that are there; NaN when it cannot be said or no rep is done yet.
    settings : CueSettings

    Returns
    -------
    str
        ``G`` inside the dead band or better, ``H`` or ``E`` for the synergist that grew more, ``""`` when unknown.
    """
    if math.isnan(change_sdi):
        return ""
    if change_sdi <= settings.dead_band_ln:
        return "G"
    return "E" if change_e > change_h or math.isnan(change_h) else "H"


def cue(phase: Phase, who_leads: str, hold_s: float, hold_target_s: tuple[float, float] | None) -> CueWord:
    """Return the word for this moment: who leads comes before what the movement asks for."""
    if phase is Phase.REST:
        return CueWord.REST
    if who_leads == "H" and phase is not Phase.ECC:
        return CueWord.MORE_GLUTE
    if who_leads == "E" and phase is not Phase.ECC:
        return CueWord.EASE_BACK
    if phase is Phase.CON:
        return CueWord.LIFT
    if phase is Phase.HOLD and (hold_target_s is None or hold_s < hold_target_s[1]):
        return CueWord.HOLD
    return CueWord.LOWER
