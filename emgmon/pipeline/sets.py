"""A set from its start to its summary: rest pose, reps, their numbers, and what could not be said."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass, field, replace

import numpy as np

from emgmon.exercise.catalogue import Exercise
from emgmon.exercise.cues import CueSettings
from emgmon.exercise.reps import TICK_S, RepSettings
from emgmon.exercise.scores import count_score, hold_score
from emgmon.exercise.signs import ENOUGH, signs_of_set
from emgmon.metrics import METRICS, RepSignals, set_estimates, starts_of
from emgmon.metrics.base import Start
from emgmon.metrics.envelopes import peak
from emgmon.model import (
    Curve,
    Placement,
    Reference,
    Rep,
    RepSummary,
    SetOpened,
    SetSummary,
    Value,
)
from emgmon.pipeline.afterwards import burst_reps, held_reps, with_bounds
from emgmon.pipeline.baselines import BASELINE_REPS, Baselines, Condition, by_phase, index_of, mean_of
from emgmon.pipeline.compensations import signs_in
from emgmon.pipeline.following import Found
from emgmon.pipeline.frames import BAR_S, NO_BASELINE, Baseline, Motion
from emgmon.pipeline.kept import Moment
from emgmon.pipeline.motion import ImuTrack
from emgmon.pipeline.notes import (
    about_bounds,
    about_counting,
    about_exceeded,
    about_groups,
    about_references,
    about_reps,
    find_exceeded,
)
from emgmon.pipeline.references import References
from emgmon.pipeline.setmotion import SetMotion
from emgmon.pipeline.tracks import EmgTrack

CURVE_MARGIN_S = 0.3
ONSET_BACK_S, ONSET_ON_S = 2.2, 1.2
"""Signal before and after the start of a lift in which an onset is sought."""


@dataclass(slots=True)
class OpenSet:
    """The set that is being done.

    Attributes
    ----------
    index : int
        Number of the set in the session, from 1.
    exercise : Exercise
    start_s : float
    reps_target : int or None
    emg : mapping of Placement to EmgTrack
        The session's channels; more may join while the set goes on.
    imus : mapping of (str, str) to ImuTrack
        The session's sensors of motion.
    known : References
        All that are known when the set starts.
    earlier : Baselines
        What earlier sets of the session measure by.
    references : mapping of Placement to Reference
        Those in force, all of one kind.
    lacking : str
        Why there are none, empty when there are.
    condition : Condition
        What has to be the same in sets that are measured alike.
    baseline : Baseline
        What its reps are measured by: an earlier set of the same condition, or its own first reps once they are done.
    """

    index: int
    exercise: Exercise
    start_s: float
    reps_target: int | None
    emg: Mapping[Placement, EmgTrack]
    imus: InitVar[Mapping[tuple[str, str], ImuTrack]]
    known: InitVar[References]
    earlier: Baselines
    rep_settings: RepSettings
    cue_settings: CueSettings
    baseline: Baseline = NO_BASELINE
    reps: list[RepSummary] = field(default_factory=list)
    references: Mapping[Placement, Reference] = field(init=False)
    condition: Condition = field(init=False)
    lacking: str = ""
    _peaks: list[tuple[int, dict[Placement, float]]] = field(default_factory=list)
    _motion: SetMotion = field(init=False)
    _doubt: str = ""

    def __post_init__(self, imus: Mapping[tuple[str, str], ImuTrack], known: References) -> None:
        self.refer(known)
        self._motion = SetMotion(self.exercise, imus, self.start_s, self._rules())

    def _rules(self) -> RepSettings:
        """Return the rep finder's thresholds; steps are quicker than other reps."""
        if self.exercise.signal != "steps":
            return self.rep_settings
        return replace(self.rep_settings, min_s=self.exercise.min_cycle_s, max_s=self.exercise.max_cycle_s)

    def refer(self, known: References) -> None:
        """Take the references that all compared channels have in common, and what earlier sets with them measure by."""
        compared = [place for place in self.emg if place.group in self.exercise.groups]
        self.references = known.in_force(compared, self.emg)
        self.lacking = known.lacking(compared, self.emg)
        self.condition = self.earlier.condition(self.exercise.id, compared, self.references)
        if not self.reps:
            self.baseline = self.earlier.of(self.condition)

    @property
    def groups(self) -> tuple[str, ...]:
        """Compared groups that are worn."""
        return tuple(g for g in self.exercise.groups if any(place.group == g for place in self.emg))

    def _count(self) -> str:
        """Return the verdict on the count; of the side with the fewer reps where each side has its own."""
        target, least = self.reps_target, self.exercise.reps_from
        if target != self.exercise.reps_target:
            least = target  # the person set another one
        each = self.exercise.sides == "each"
        sides = {rep.rep.side for rep in self.reps} if each else set()
        counts = [sum(rep.rep.side == side for rep in self.reps) for side in sides] or [len(self.reps)]
        words = {count_score(count, least, target) for count in counts}
        return next((word for word in ("few", "many", "met") if word in words), "")

    def opened(self) -> SetOpened:
        """Event that tells the set began."""
        exercise = self.exercise
        return SetOpened(
            self.start_s,
            self.index,
            exercise.id,
            exercise.title,
            self.reps_target,
            exercise.hold_target_s,
            self.groups,
            exercise.signal,
            exercise.sets,
            exercise.sides,
            exercise.asks,
            self.baseline.from_set,
        )

    def tick(self, t_s: float) -> tuple[Motion, RepSummary | None]:
        """Move on to one tick; returns the movement now, and a rep when one has been finished."""
        summary = self._take(self._motion.tick(t_s))
        return self._motion.now(t_s, len(self.reps)), summary

    def follow(self, ticks: Sequence[tuple[float, int]], moment: Moment) -> None:
        """Move on over ticks, each looked at from an entry of its own: the same numbers, sooner."""
        for found in self._motion.follow(ticks, moment):
            self._take(found)

    def _take(self, found: Sequence[Found]) -> RepSummary | None:
        """Give reps numbers in the order in which they ended, and sum them up; returns the last."""
        summary = None
        for item in sorted(found, key=lambda item: item.rep.end_s):
            rep = replace(item.rep, index=len(self.reps) + 1)
            summary = self._summarise(rep, item.range_deg, item.top_s)
        return summary

    def close(self, stop_s: float) -> SetSummary:
        """Finish the set; reps of exercises without an inclination are found here."""
        self._take(self._motion.close())
        for rep in self._afterwards(stop_s):
            self._summarise(rep, math.nan)
        exceeded = find_exceeded(self._peaks, self.references)
        references = tuple(self.references[place] for place in self.emg if place in self.references)
        return SetSummary(
            self.index,
            self.exercise.id,
            self.exercise.title,
            self.start_s,
            stop_s,
            self.reps_target,
            self.exercise.hold_target_s,
            tuple(self.reps),
            with_bounds(set_estimates(self.reps), self.reps),
            references,
            (*self._notes(), *about_references(references), *about_exceeded(exceeded)),
            exceeded,
            self._motion.partial,
            self.exercise.reps_from,
            signs_of_set(
                [rep.signs for rep in self.reps],
                self.exercise.signs,
                1 if self.exercise.held else ENOUGH,
            ),
            self._count(),
            self.baseline.from_set,
        )

    def _afterwards(self, stop_s: float) -> list[Rep]:
        """Reps that need no movement out and back: holds, the clock, the muscles' own bursts."""
        exercise = self.exercise
        if exercise.signal in {"none", "timer"}:
            return [Rep(1, self.start_s, self.start_s, stop_s, stop_s)] if stop_s > self.start_s else []
        if exercise.signal == "stillness":
            reps, self._doubt = held_reps(exercise, self._motion.worn, self.start_s, stop_s)
            return reps
        unseen = exercise.moved and not self._motion.followers
        if exercise.signal != "emg" and not unseen:
            return []
        return burst_reps(exercise, self.emg, self.start_s, stop_s, self._rules() if unseen else None)

    def _summarise(self, rep: Rep, range_deg: float, top_s: tuple[float, float] = (math.nan, math.nan)) -> RepSummary:
        moved = self.exercise.moved and not rep.source
        held = (moved or self.exercise.held) and rep.release_s > rep.top_s
        phases = (*(("con",) if moved else ()), *(("hold",) if held else ()), *(("ecc",) if moved else ()), "act")
        signals = RepSignals(
            rep,
            phases,
            {place: track.series for place, track in self.emg.items()},
            {place: track.unit for place, track in self.emg.items()},
            {place: track.noise for place, track in self.emg.items()},
            self.references,
            self.groups,
            self.exercise.sdi,
            range_deg,
            self._starts(rep) if moved else {},
            {place: track.stretch(rep.start_s, rep.end_s) for place, track in self.emg.items()} if moved else {},
            top_s,
        )
        values = tuple(value for metric in METRICS for value in metric.compute(signals))
        curves = tuple(_curve(place, track, rep, signals) for place, track in self.emg.items())
        index = index_of(values)
        target = "unknown"
        if index and "hold" in self.baseline.sdi and "hold" in index:
            change = index["hold"] - self.baseline.sdi["hold"]
            target = "met" if change <= self.cue_settings.dead_band_ln else "missed"
        hold = hold_score(rep.release_s - rep.top_s, self.exercise.hold_target_s) if moved or self.exercise.held else ""
        signs = signs_in(self.exercise, rep, self._motion.worn, self._motion.followers, self._changes(values))
        summary = RepSummary(rep, values, curves, bool(index) or not self.groups, target, signals.invalid, hold, signs)
        self._peaks.append(
            (rep.index, {place: peak(signals.channels[place], "act").value for place in self.references})
        )
        self.reps.append(summary)
        if not self.baseline.from_set and summary.valid:
            first = [rep.values for rep in self.reps if rep.valid]
            if len(first) == BASELINE_REPS:
                self.baseline = mean_of(first)
        return summary

    def _starts(self, rep: Rep) -> dict[Placement, Start]:
        """Each channel's onset near the start of a lift that comes first."""
        around = (rep.start_s - ONSET_BACK_S, rep.start_s + ONSET_ON_S)
        stretches = {place: track.stretch(*around) for place, track in self.emg.items()}
        return starts_of(stretches, rep, {place: track.noise for place, track in self.emg.items()})

    def _changes(self, values: Sequence[Value]) -> dict[str, float]:
        """Return changes of the indices over whole reps against what they are measured by."""
        first = {
            "sdi": self.baseline.sdi,
            "log_ratio_h": self.baseline.log_ratio_h,
            "log_ratio_e": self.baseline.log_ratio_e,
        }
        now = {name: by_phase(values, name) for name in first}
        return {
            name: now[name]["act"] - first[name]["act"] for name in first if "act" in now[name] and "act" in first[name]
        }

    def _notes(self) -> list[str]:
        exercise, notes = self.exercise, list(about_groups(self.exercise, self.groups))
        notes += about_counting(
            exercise, self.reps, self._motion.partial, seen=bool(self._motion.followers), other=self._motion.other
        )
        if self._doubt:
            notes.append(self._doubt)
        if self.groups and self.lacking:
            notes.append(self.lacking)
        if any(math.isnan(track.noise) for track in self.emg.values()):
            doubt = ", nor can a reference be told from it" if self.references else ""
            notes.append(f"No rest was recorded: noise could not be measured and was not subtracted{doubt}.")
        compared = about_reps(self.reps) if self.groups else ()
        return [*notes, *compared, *about_bounds(self.reps)]


def _curve(place: Placement, track: EmgTrack, rep: Rep, signals: RepSignals) -> Curve:
    start_s = rep.start_s - CURVE_MARGIN_S
    n = int((rep.end_s - rep.start_s + 2 * CURVE_MARGIN_S) / TICK_S)
    scale = signals.channels[place].scale
    level = track.levels(start_s + TICK_S * np.arange(n, dtype=np.float64), BAR_S) / scale
    return Curve(place, start_s, TICK_S, array("d", level.tobytes()))
