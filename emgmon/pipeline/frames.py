"""What the muscles do at one moment: bars, shares, the index, and the cue."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from emgmon.dsp.envelope import WINDOWS_S
from emgmon.exercise.cues import CueSettings, cue, leader
from emgmon.exercise.reference import PERMITS
from emgmon.metrics.base import LOD_NOISE
from emgmon.metrics.dominance import FLOOR_REF
from emgmon.model import GROUPS, Frame, Phase, Placement, Reference
from emgmon.pipeline.tracks import EmgTrack

CUE_S, BAR_S, NEEDLE_S = WINDOWS_S
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


@dataclass(frozen=True, slots=True)
class Worn:
    """A channel as frames show it: its track, the level of its reference (1 without), and that at which it is on."""

    place: Placement
    track: EmgTrack
    scale: float
    on_level: float


@dataclass(slots=True)
class Frames:
    """Builds the frames of a session; what is compared with what is kept until channels or references are others."""

    _references: Mapping[Placement, Reference] = field(default_factory=dict)
    _worn: list[Worn] = field(default_factory=list)
    _sides: list[dict[str, list[int]]] = field(default_factory=list)

    def at(
        self,
        t_s: float,
        tracks: Mapping[Placement, EmgTrack],
        references: Mapping[Placement, Reference],
        motion: Motion,
        baseline: Baseline,
        hold_target_s: tuple[float, float] | None,
        settings: CueSettings,
    ) -> Frame:
        """Build the frame of one tick from what the tracks hold up to then; `references` are those in force.

        Neither mapping is changed otherwise than by channels that are added.
        """
        if references is not self._references or len(tracks) != len(self._worn):
            self._arrange(tracks, references)
        kind = next(iter(references.values())).kind if references else "T4"
        level, above, raised, glute_on = {}, [], [], False
        for worn in self._worn:
            noise = worn.track.noise
            cue_level, bar, needle_level = worn.track.levels_now(t_s)
            level[worn.place] = bar / worn.scale
            raised.append(needle_level / worn.scale)
            above.append(needle_level > LOD_NOISE * (0.0 if math.isnan(noise) else noise))
            glute_on = glute_on or cue_level > max(ON_NOISE * noise, worn.on_level)  # without noise never
        needle = self._needle(raised, above, compared=PERMITS[kind].levels)
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
            glute_on=glute_on,
        )

    def _arrange(self, tracks: Mapping[Placement, EmgTrack], references: Mapping[Placement, Reference]) -> None:
        """Note the channels with their references, and for each side on which glutes are compared who is."""
        self._references, self._worn, self._sides = references, [], []
        sides: dict[str, dict[str, list[int]]] = {"left": {}, "right": {}}
        for number, (place, track) in enumerate(tracks.items()):
            group, reference = place.group, references.get(place)
            on_level = math.inf if group != "G" else ON_REF * reference.level if reference else 0.0
            self._worn.append(Worn(place, track, reference.level if reference else 1.0, on_level))
            if place.side in sides and group in GROUPS:
                sides[place.side].setdefault(group, []).append(number)
        self._sides = [groups for groups in sides.values() if "G" in groups and len(groups) > 1]

    def _needle(self, levels: Sequence[float], above: Sequence[bool], *, compared: bool) -> Needle:
        """Return the mean of the needles of the sides, of which none may be lacking."""
        whole = []
        for groups in self._sides:
            needle = _side_needle(groups, levels, above, compared=compared)
            if needle is None:
                return NO_NEEDLE
            whole.append(needle)
        if not whole:
            return NO_NEEDLE
        n = len(whole)
        share = {g: sum(s.share[g] for s in whole) / n for g in GROUPS} if all(s.share for s in whole) else {}
        return Needle(share, sum(s.log_ratio_h for s in whole) / n, sum(s.log_ratio_e for s in whole) / n)


def _side_needle(
    groups: Mapping[str, Sequence[int]], levels: Sequence[float], above: Sequence[bool], *, compared: bool
) -> Needle | None:
    """Needle of one side; None when a muscle there is lost, or too little is active.

    `groups` are the channels, by number, of each group. Only where levels may be `compared` there are shares, and a
    floor for their sum.
    """
    mean: dict[str, float] = {}
    active = 0
    for group, numbers in groups.items():
        logs = []
        for number in numbers:
            if not levels[number] > 0.0:
                return None
            logs.append(math.log(levels[number]))
        mean[group] = math.exp(sum(logs) / len(logs))
        active += all(above[number] for number in numbers)
    total = sum(mean.values())
    if active < 2 or (compared and total < FLOOR_REF):
        return None
    share = {g: mean[g] / total for g in GROUPS} if compared and all(g in mean for g in GROUPS) else {}
    return Needle(
        share,
        math.log(mean["H"] / mean["G"]) if "H" in mean else math.nan,
        math.log(mean["E"] / mean["G"]) if "E" in mean else math.nan,
    )
