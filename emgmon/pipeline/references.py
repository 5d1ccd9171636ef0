"""The session's reference contractions: what was tried, what counts, what is in force, and what a task went beyond.

A trial is judged when it ends and once more `SETTLE_S` later, when no hop of it can still be masked; only then is its
level the same for any cut of the packets. Nothing is raised unless the person accepts it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from emgmon.exercise.reference import PAIN_LIMIT, PERMITS, REFUSED, TRIAL_KINDS, common_kind
from emgmon.exercise.reference_tasks import packaged_tasks, tasks_for
from emgmon.model import (
    GROUP_TITLES,
    GROUPS,
    MUSCLES,
    Event,
    Exceeded,
    Mark,
    Notice,
    Placement,
    Reference,
    ReferenceTaken,
)
from emgmon.pipeline.tracks import EmgTrack
from emgmon.pipeline.trials import Contraction, Trial, best_of, drifts, wants_more

SETTLE_S = 1.5
"""A second found not to be muscle masks what came up to 1.25 s before."""

MOST_LEVELS = 1000
"""Each is held against all others; a person squeezes some dozens of times."""

TOO_MANY = "No more reference contractions are taken: there are more than a session has use for."

MARKS = ("reference_start", "reference_stop", "reference_cancel", "reference", "reference_accept", "pain")
"""Kinds of marks that concern references."""

Tracks = Mapping[Placement, EmgTrack]


@dataclass(slots=True)
class References:
    """All that is known of the levels that mean 100 %.

    Attributes
    ----------
    raised : mapping of Placement to float
        Levels that the person accepted, known from an earlier pass over the same entries; they hold from the start.
    accepted : dict of Placement to float
        Levels accepted in this pass; they hold for what follows.
    finished : list of Contraction
        Those that were judged for the last time.
    notes : list of str
        What the summary has to say about references.
    version : int
        Grows with every change.
    """

    raised: Mapping[Placement, float] = field(default_factory=dict)
    accepted: dict[Placement, float] = field(default_factory=dict)
    offers: dict[Placement, Exceeded] = field(default_factory=dict)
    trials: list[Trial] = field(default_factory=list)
    finished: list[Contraction] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    version: int = 0
    _earlier: dict[Placement, Reference] = field(default_factory=dict)
    _open: Contraction | None = None
    _settling: list[Contraction] = field(default_factory=list)
    _pain: float = math.nan
    _surgery: bool = False
    _current: tuple[tuple[int, int], Mapping[Placement, Reference]] = ((-1, -1), {})

    def mark(self, t_s: float, mark: Mark, tracks: Tracks, sets_before: int) -> list[Event]:
        """Act on a mark of `MARKS` at its moment."""
        if mark.kind == "reference_start":
            return self._start(t_s, mark, sets_before)
        if mark.kind == "reference_stop":
            return self._stop(t_s, mark, tracks)
        if mark.kind == "reference_cancel":
            return self.drop(t_s)
        if mark.kind == "pain":
            return self._note_pain(t_s, mark)
        return self._accept(t_s, mark) if mark.kind == "reference_accept" else self._bring(t_s, mark)

    def _say(self, t_s: float, text: str) -> list[Event]:
        if text not in self.notes:
            self.notes.append(text)
        return [Notice(t_s, text)]

    def drop(self, t_s: float) -> list[Event]:
        """Leave out a contraction that was begun."""
        dropped, self._open = self._open, None
        return [Notice(t_s, "The contraction was left out.")] if dropped else []

    def _start(self, t_s: float, mark: Mark, sets_before: int) -> list[Event]:
        self._open = None
        data = mark.data
        kind, position = str(data.get("kind", "T1")), str(data.get("position", ""))
        task = packaged_tasks().get(position)
        place = Placement.parse(str(data.get("placement", "")))
        asked = Contraction(
            t_s,
            kind,
            str(data.get("group", "")),
            place,
            task,
            _number(data.get("load_kg")),
            sets_before,
        )
        refused = self._refused(asked, position) if len(self.trials) < MOST_LEVELS else TOO_MANY
        if refused:
            return self._say(t_s, refused)
        self._open = asked
        who = GROUP_TITLES.get(asked.group, place.title if place else "the muscle").lower()
        return [Notice(t_s, task.title if task else f"Squeeze {who}")]

    def _refused(self, asked: Contraction, position: str) -> str:
        """Say why a contraction is not taken, empty when it is."""
        if asked.kind in REFUSED:
            return REFUSED[asked.kind]
        if asked.kind not in TRIAL_KINDS:
            return f"Reference of unknown kind {asked.kind!r} was left out."
        if position and asked.task is None:
            known = ", ".join(task.id for task in packaged_tasks().values() if task.kind == asked.kind)
            return f"Reference position {position!r} is not known and was left out; known are {known}."
        if asked.task is not None and asked.task.kind != asked.kind:
            return f"{asked.task.title} gives a {PERMITS[asked.task.kind].title}, no {PERMITS[asked.kind].title}."
        if asked.kind == "T1" and (self._pain >= PAIN_LIMIT or self._surgery):
            return self._no_maximum(asked)
        return ""

    def _no_maximum(self, asked: Contraction) -> str:
        muscles = [asked.placement.muscle] if asked.placement else asked.task.muscles if asked.task else None
        if muscles is None:
            muscles = [name for name, muscle in MUSCLES.items() if muscle.group == asked.group]
        light = dict.fromkeys(task.title for muscle in muscles for task in tasks_for("T2", muscle))
        why = "After recent surgery" if self._surgery else f"With pain of {self._pain:g} of 10"
        offer = f" Take the light task instead: {' or '.join(light)}." if light else ""
        return f"{why} no maximal contraction is asked for.{offer}"

    def _note_pain(self, t_s: float, mark: Mark) -> list[Event]:
        value = mark.data.get("value")
        self._surgery = self._surgery or mark.data.get("recent_surgery") is True
        pain = _number(value)
        if pain is not None and 0.0 <= pain <= 10.0:
            self._pain = pain
        elif value is not None:
            return self._say(t_s, f"Pain of {value!r} is no number from 0 to 10 and was not taken.")
        if self._open is not None and self._refused(self._open, ""):
            dropped, self._open = self._open, None
            return self._say(t_s, self._no_maximum(dropped))
        return []

    def _stop(self, t_s: float, mark: Mark, tracks: Tracks) -> list[Event]:
        if self._open is None:
            return []
        group = self._open.group or str(mark.data.get("group", ""))
        done, self._open = replace(self._open, group=group, stop_s=t_s), None
        self._settling.append(done)
        self._hint_load(done)
        found = [done.trial(place, track) for place, track in tracks.items() if done.asks(place)]
        more = any(wants_more(self.trials, trial) for trial in found)
        self.trials += found
        self.version += 1
        best = [self.best(trial.placement, done.kind) for trial in found]
        taken = tuple(
            now for now, trial in zip(best, found, strict=True) if now is not None and now.level == trial.level
        )
        tries = tuple(trial.alone() for trial in found)
        events: list[Event] = [ReferenceTaken(t_s, taken, more, tries)]
        return [*events, Notice(t_s, "One more try: the last was clearly the best.")] if more else events

    def _hint_load(self, done: Contraction) -> None:
        """Say that a reference is of one weight only."""
        for trial in reversed(self.trials):
            if trial.of.kind == done.kind and trial.of.position == done.position and done.asks(trial.placement):
                if trial.of.load_kg != done.load_kg:
                    self.notes.append("The weight of a reference task changed: only tries with the last weight count.")
                return

    def _bring(self, t_s: float, mark: Mark) -> list[Event]:
        """Take a level from another recording, of the same day and electrodes only."""
        data = mark.data
        place, kind, level = (
            Placement.parse(str(data.get("placement", ""))),
            data.get("kind"),
            _number(data.get("level")),
        )
        if place is None or kind not in TRIAL_KINDS or level is None or level <= 0.0:
            return self._say(t_s, "A reference from another recording lacks placement, kind or level: not used.")
        if data.get("electrodes_untouched") is not True:
            text = f"{place.title}: a reference of another day belongs to other electrodes and is not used."
            return self._say(t_s, text)
        unit, position = str(data.get("unit", "uv")), str(data.get("position", ""))
        self._earlier[place] = Reference(place, str(kind), level, unit, position, origin="earlier")
        self.version += 1
        return self._say(t_s, f"{place.title}: reference as it stands in an earlier recording, not measured anew.")

    def _accept(self, t_s: float, mark: Mark) -> list[Event]:
        place = Placement.parse(str(mark.data.get("placement", "")))
        offer = self.offers.get(place) if place else None
        if place is None or offer is None:
            known = place in self.raised
            return [] if known else self._say(t_s, "No set went beyond a maximal reference there: nothing is raised.")
        self.accepted[place] = offer.level
        self.version += 1
        text = f"{place.title}: 100 % is {offer.level:.3g} {offer.unit} from here on, no longer {offer.reference:.3g}."
        return self._say(t_s, f"{text} Sets before this are computed anew when the recording is analysed.")

    def offer(self, item: Exceeded) -> None:
        """Remember what a set went beyond; the largest is what may be accepted."""
        if item.level > getattr(self.offers.get(item.placement), "level", 0.0):
            self.offers[item.placement] = item

    def settle(self, t_s: float, tracks: Tracks) -> list[Event]:
        """Judge once more what ended `SETTLE_S` ago; tells what changed."""
        ripe = [done for done in self._settling if done.stop_s + SETTLE_S <= t_s]
        self._settling = [done for done in self._settling if done not in ripe]
        self.finished += ripe
        events: list[Event] = []
        for done in ripe:
            changed = []
            for number, trial in enumerate(self.trials):
                if trial.of is done:
                    self.trials[number] = done.trial(trial.placement, tracks[trial.placement])
                    if repr(self.trials[number]) != repr(trial):
                        changed.append(trial.placement)
            if changed:
                self.version += 1
                best = (self.best(place, done.kind) for place in changed)
                events.append(ReferenceTaken(t_s, tuple(item for item in best if item)))
        return events

    @property
    def settling_s(self) -> float:
        """When a contraction has to be judged once more; infinite where none has."""
        return min((done.stop_s + SETTLE_S for done in self._settling), default=math.inf)

    def best(self, place: Placement, kind: str) -> Reference | None:
        """Return the largest level of one channel and kind over tries and positions; None without any."""
        known = best_of(self.trials, place, kind)
        brought = self._earlier.get(place)
        if known is None and brought is not None and brought.kind == kind:
            known = brought
        if known is None:
            return None
        raised = max(self.raised.get(place, 0.0), self.accepted.get(place, 0.0))
        return replace(known, level=raised, origin="raised") if kind == "T1" and raised > known.level else known

    def _kinds(self, place: Placement, tracks: Tracks) -> list[str]:
        """Kinds of which one channel has a level in its own unit."""
        known = ((kind, self.best(place, kind)) for kind in TRIAL_KINDS)
        return [kind for kind, item in known if item is not None and item.unit == tracks[place].unit]

    def in_force(self, compared: Iterable[Placement], tracks: Tracks) -> dict[Placement, Reference]:
        """Return the references that hold when these channels are compared: of one kind, or none at all."""
        kind = common_kind([self._kinds(place, tracks) for place in compared])
        best = {place: self.best(place, kind) for place in tracks if kind in self._kinds(place, tracks)}
        return {place: item for place, item in best.items() if item is not None}

    def current(self, tracks: Tracks) -> Mapping[Placement, Reference]:
        """Return those in force when all of glutes, hamstrings and back that are worn are compared."""
        state = (len(tracks), self.version)
        if self._current[0] != state:
            self._current = (state, self.in_force([place for place in tracks if place.group in GROUPS], tracks))
        return self._current[1]

    def lacking(self, compared: Collection[Placement], tracks: Tracks) -> str:
        """Say why channels have no reference in common; empty when they have."""
        kinds = {place: self._kinds(place, tracks) for place in compared}
        if not kinds or common_kind(kinds.values()) != "T4":
            return ""
        consequence = "two muscles cannot be compared, only their changes within this session."
        if not any(kinds.values()):
            return f"No reference contractions: {consequence}"
        parts = [
            f"{PERMITS[kind].title} of {', '.join(p.title.lower() for p in compared if kind not in kinds[p])}"
            for kind in TRIAL_KINDS
            if any(kind in known for known in kinds.values())
        ]
        return f"Missing: {'; '.join(parts)}. Kinds are not mixed, so {consequence}"

    def closing_notes(self) -> Iterator[str]:
        """Say what holds for the session as a whole: references that drifted, and such as were raised."""
        yield from self.notes
        for place, level in self.raised.items():
            trials = [trial.level for trial in self.trials if trial.placement == place and trial.of.kind == "T1"]
            if trials and level > max(trials):
                yield (
                    f"{place.title}: 100 % was raised from {max(trials):.3g} to {level:.3g} for the whole recording, "
                    "because sets went beyond it."
                )
        yield from drifts(self.trials)


def _number(value: object) -> float | None:
    """Read a number of a mark; None for what is none, or is beyond any level, weight or pain."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e9:
        return None
    return float(value)
