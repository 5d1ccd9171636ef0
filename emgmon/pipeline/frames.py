"""What the muscles do at one moment: bars, shares, the index, and the cue."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from emgmon.exercise.cues import CueSettings, cue, leader
from emgmon.exercise.reference import PERMITS
from emgmon.metrics.base import LOD_NOISE
from emgmon.metrics.dominance import FLOOR_REF
from emgmon.model import GROUPS, Frame, Phase, Placement, Reference
from emgmon.pipeline.tracks import EmgTrack

BAR_S = 0.125
NEEDLE_S = 0.500
CUE_S = 0.025
ON_NOISE = 2.5
"""A glute is on when the RMS of 25 ms, noise subtracted, is so many times the noise: where noise alone never got in
half an hour of any band in use; twice its size it reached up to 32 times."""
ON_REF = 0.05
"""And this part of a maximal contraction, where one was taken: muscle at rest is not silent."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Mean indices of the reps that others are measured by, for each phase.

    ``from_set`` is the number of the earlier set that they are of; 0 for the first reps of the same set.
    """

    sdi: Mapping[str, float]
    log_ratio_h: Mapping[str, float]
    log_ratio_e: Mapping[str, float]
    from_set: int = 0


NO_BASELINE = Baseline({}, {}, {})


@dataclass(frozen=True, slots=True)
class Motion:
    """State of the set at one tick, as `Frame` has it."""

    angle_deg: float
    phase: Phase
    hold_s: float
    rep: int


@dataclass(frozen=True, slots=True)
class Needle:
    """Shares and log-ratios over the last 500 ms; NaN and empty where they cannot be said."""

    share: Mapping[str, float]
    log_ratio_h: float
    log_ratio_e: float

    @property
    def sdi(self) -> float:
        """Mean of the log-ratios of the synergists that are worn."""
        there = [ratio for ratio in (self.log_ratio_h, self.log_ratio_e) if not math.isnan(ratio)]
        return sum(there) / len(there) if there else math.nan


NO_NEEDLE = Needle({}, math.nan, math.nan)


def frame_at(
    t_s: float,
    tracks: Mapping[Placement, EmgTrack],
    references: Mapping[Placement, Reference],
    motion: Motion,
    baseline: Baseline,
    hold_target_s: tuple[float, float] | None,
    settings: CueSettings,
) -> Frame:
    """Build the frame of one tick from what the tracks hold up to then; `references` are those in force."""
    kind = next(iter(references.values())).kind if references else "T4"
    level = {
        place: track.level_now(t_s, BAR_S) / (references[place].level if place in references else 1.0)
        for place, track in tracks.items()
    }
    needle = _needle(t_s, tracks, references, levels=PERMITS[kind].levels)
    base_sdi = baseline.sdi.get(motion.phase.value, math.nan)
    who = leader(
        needle.log_ratio_h - baseline.log_ratio_h.get(motion.phase.value, math.nan),
        needle.log_ratio_e - baseline.log_ratio_e.get(motion.phase.value, math.nan),
        needle.sdi - base_sdi,
        settings,
    )
    if motion.phase is Phase.REST:
        who = ""
    return Frame(
        t_s=t_s,
        level=level,
        referenced=bool(references),
        share=needle.share,
        sdi=needle.sdi,
        baseline_sdi=base_sdi,
        angle_deg=motion.angle_deg,
        phase=motion.phase,
        hold_s=motion.hold_s,
        rep=motion.rep,
        cue=cue(motion.phase, who, motion.hold_s, hold_target_s),
        leader=who,
        kind=kind,
        glute_on=_glute_on(t_s, tracks, references),
    )


def _glute_on(t_s: float, tracks: Mapping[Placement, EmgTrack], references: Mapping[Placement, Reference]) -> bool:
    """Say whether a glute stands out of its noise in the newest 25 ms."""
    for place, track in tracks.items():
        if place.group == "G" and not math.isnan(track.noise):
            least = max(ON_NOISE * track.noise, ON_REF * references[place].level if place in references else 0.0)
            if track.level_now(t_s, CUE_S) > least:
                return True
    return False


def _needle(
    t_s: float, tracks: Mapping[Placement, EmgTrack], references: Mapping[Placement, Reference], *, levels: bool
) -> Needle:
    sides: list[Needle | None] = []
    for side in ("left", "right"):
        found: dict[str, list[tuple[float, bool]]] = {}
        for place, track in tracks.items():
            if place.side == side and place.group in GROUPS:
                raw = track.level_now(t_s, NEEDLE_S)
                above = raw > LOD_NOISE * (0.0 if math.isnan(track.noise) else track.noise)
                scale = references[place].level if place in references else 1.0
                found.setdefault(place.group, []).append((raw / scale, above))
        if "G" in found and len(found) > 1:
            sides.append(_side_needle(found, compared=levels))
    whole = [needle for needle in sides if needle is not None]
    if not whole or len(whole) < len(sides):
        return NO_NEEDLE
    n = len(whole)
    share = {g: sum(s.share[g] for s in whole) / n for g in GROUPS} if all(s.share for s in whole) else {}
    return Needle(share, sum(s.log_ratio_h for s in whole) / n, sum(s.log_ratio_e for s in whole) / n)


def _side_needle(levels: Mapping[str, list[tuple[float, bool]]], *, compared: bool) -> Needle | None:
    """Needle of one side; None when a muscle there is lost, or too little is active.

    Only where levels may be `compared` there are shares, and a floor for their sum.
    """
    mean: dict[str, float] = {}
    active = 0
    for group, found in levels.items():
        if any(math.isnan(value) or value <= 0.0 for value, _above in found):
            return None
        mean[group] = math.exp(sum(math.log(value) for value, _above in found) / len(found))
        active += all(above for _value, above in found)
    total = sum(mean.values())
    if active < 2 or (compared and total < FLOOR_REF):
        return None
    share = {g: mean[g] / total for g in GROUPS} if compared and all(g in mean for g in GROUPS) else {}
    return Needle(
        share,
        math.log(mean["H"] / mean["G"]) if "H" in mean else math.nan,
        math.log(mean["E"] / mean["G"]) if "E" in mean else math.nan,
    )
