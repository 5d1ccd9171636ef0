"""What the person does in a session: words from keys, buttons or a file become the marks of a recording.

`Conductor` has no clock: it is told the time and says what follows. Rest and reference contractions end by themselves;
sets end when the person says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from emgmon.exercise.catalogue import Exercise
from emgmon.exercise.reference import PAIN_LIMIT
from emgmon.exercise.reference_tasks import ReferenceTask, tasks_for
from emgmon.model import GROUP_TITLES, Placement

Said = list[tuple[str, Mapping[str, Any]]]
"""Kinds and data of marks."""

IDLE, LEAD, REST, REFERENCE, SET = "", "lead", "rest", "reference", "set"


@dataclass(frozen=True, slots=True)
class Timings:
    """How long the person has to lie still, and to get ready once a reference or a set was asked for, in s."""

    rest_s: float = 8.0
    lead_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Doing:
    """What the person is at.

    Attributes
    ----------
    what : str
        ``lead`` (getting ready), ``rest``, ``reference``, ``set``, or empty.
    title, instruction : str
    since_s, until_s : float
        Begin, and end when it ends by itself, else infinite.
    group : str
        Of a reference contraction.
    """

    what: str = IDLE
    title: str = ""
    instruction: str = ""
    since_s: float = 0.0
    until_s: float = math.inf
    group: str = ""


class Conductor:
    """Turns words into marks; see the module's docstring.

    Parameters
    ----------
    catalogue : mapping of str to Exercise
    exercise : str
        Chosen at first.
    reps : int or None
        Asked for in each set instead of the exercise's own number.
    timings : Timings

    Attributes
    ----------
    doing : Doing
    exercise : Exercise
    pain : float or None
        What the person said last, 0 to 10; None before, and after pain stopped something.
    tries : dict of (str, str) to int
        Finished reference contractions by group and kind.
    said : list of str
        Sentences for the person that nobody took yet.
    """

    def __init__(
        self, catalogue: Mapping[str, Exercise], exercise: str, reps: int | None = None, timings: Timings | None = None
    ) -> None:
        self.catalogue, self.exercise, self.reps = catalogue, catalogue[exercise], reps
        self.timings = timings or Timings()
        self.doing = Doing()
        self.pain: float | None = None
        self.surgery = False
        self.tries: dict[tuple[str, str], int] = {}
        self.said: list[str] = []
        self._now_s = 0.0
        self._then: tuple[Said, Doing] = ([], Doing())
        self._told: set[str] = set()
        self._worn: Collection[Placement] = ()
        self._words: dict[str, Callable[[str], Said]] = {
            "rest": self._rest,
            "reference": self._reference,
            "exercise": self._choose,
            "set": self._set,
            "stop": lambda _text: self._end(count=True),
            "cancel": lambda _text: self._end(count=False),
            "pain": self._pain,
            "hurts": self._hurts,
            "tension": self._tension,
            "note": self._note,
        }

    @property
    def kind(self) -> str:
        """Kind of reference that is asked for: ``T1`` maximal, ``T2`` light, empty before the question of pain."""
        if self.surgery or (self.pain is not None and self.pain >= PAIN_LIMIT):
            return "T2"
        return "" if self.pain is None else "T1"

    def obey(self, now_s: float, word: str, text: str, worn: Collection[Placement]) -> Said:
        """Do what one word says; `worn` are the places that bear a sensor."""
        self._now_s, self._worn = now_s, worn
        if word not in self._words:
            return self._say(f"{word!r} is no command; there are {', '.join(self._words)}.")
        return self._words[word](text.strip())

    def pass_time(self, now_s: float) -> Said:
        """Return what time itself begins or ends."""
        self._now_s = now_s
        if now_s < self.doing.until_s:
            return []
        if self.doing.what == LEAD:
            marks, doing = self._then
            self.doing = replace(doing, since_s=now_s, until_s=now_s + doing.until_s)
            return marks
        return self._end(count=True)

    def finish(self, now_s: float) -> Said:
        """End what is open, because the session ends."""
        self._now_s = now_s
        return self._end(count=self.doing.what != REFERENCE)

    def _say(self, text: str) -> Said:
        self.said.append(text)
        return []

    def _end(self, *, count: bool) -> Said:
        done, self.doing = self.doing, Doing()
        if done.what == REFERENCE and count:
            self.tries[done.group, self.kind] = self.tries.get((done.group, self.kind), 0) + 1
            return [("reference_stop", {"group": done.group})]
        kind = {REST: "baseline_stop", REFERENCE: "reference_cancel", SET: "set_stop"}.get(done.what)
        return [(kind, {})] if kind else []

    def _in_set(self) -> bool:
        if self.doing.what == SET:
            self._say("Stop the set first.")
        return self.doing.what == SET

    def _rest(self, _text: str) -> Said:
        if self._in_set():
            return []
        ended = self._end(count=False)
        self.doing = Doing(REST, "Lie still", "", self._now_s, self._now_s + self.timings.rest_s)
        return [*ended, ("baseline_start", {})]

    def _reference(self, text: str) -> Said:
        group, _, load = text.partition(" ")
        muscles = [place.muscle for place in self._worn if group and place.group == group]
        if self._in_set():
            return []
        if group not in GROUP_TITLES:
            return self._say(f"A reference is of one of {', '.join(GROUP_TITLES)}, not of {group!r}.")
        if not muscles:
            return self._say(f"No sensor sits on {GROUP_TITLES[group].lower()}: there is nothing to refer to.")
        if not self.kind:
            return self._say("First say how much it hurts now, from 0 to 10: with pain there are light tasks.")
        task = self._task(group, muscles[0])
        trial = self.tries.get((group, self.kind), 0) + 1
        data: dict[str, Any] = {"group": group, "kind": self.kind, "position": task.id, "trial": trial}
        if load and (weight := _number(load, 50.0)) is not None:
            data["load_kg"] = weight
        title = f"{GROUP_TITLES[group]}, try {trial}: {task.title.lower()}"
        doing = Doing(REFERENCE, title, task.instruction, until_s=task.hold_s, group=group)
        return self._get_ready([("reference_start", data)], doing, f"{task.instruction} {task.safety}")

    def _task(self, group: str, muscle: str) -> ReferenceTask:
        """Return the position whose turn it is: all tries of one, then of the next."""
        tasks = tasks_for(self.kind, muscle)
        done = self.tries.get((group, self.kind), 0)
        return tasks[(done // tasks[0].trials) % len(tasks)]

    def _get_ready(self, marks: Said, doing: Doing, text: str) -> Said:
        ended = self._end(count=True)
        self._say(text)
        self._then = (marks, doing)
        ready_s = self._now_s + self.timings.lead_s
        self.doing = Doing(LEAD, doing.title, doing.instruction, self._now_s, ready_s, doing.group)
        return ended

    def _choose(self, name: str) -> Said:
        if self._in_set():
            return []
        if name not in self.catalogue:
            return self._say(f"No exercise is called {name!r}; 'emgmon exercises' lists them.")
        ended = self._end(count=False) if self.doing.what == LEAD else []
        self.exercise = self.catalogue[name]
        self._say(f"{self.exercise.title}. {self.exercise.how or self.exercise.pose} {self.exercise.safety}")
        return ended

    def _set(self, text: str) -> Said:
        if self._in_set():
            return []
        chosen = self.exercise
        target = _number(text, 1000.0) if text else self.reps or chosen.reps_target
        data: dict[str, Any] = {"exercise": chosen.id} | ({"target_reps": int(target)} if target else {})
        marks: Said = [("set_start", data)]
        if chosen.id not in self._told:
            self._told.add(chosen.id)
            marks.insert(0, ("exercise", chosen.table()))
        return self._get_ready(marks, Doing(SET, chosen.title, chosen.pose), f"{chosen.title}: get ready.")

    def _pain(self, text: str) -> Said:
        value, _, more = text.partition(" ")
        pain = _number(value, 10.0)
        if pain is None:
            return self._say(f"Pain is a number from 0 (none) to 10, not {value!r}.")
        self.pain = pain
        data: dict[str, Any] = {"value": pain}
        if more.strip() == "surgery":
            self.surgery = data["recent_surgery"] = True
        marks: Said = [("pain", data)]
        preparing = self.doing.what == LEAD and bool(self.doing.group)
        if self.kind == "T2" and (self.doing.what == REFERENCE or preparing):
            marks += self._end(count=False)
        if self.kind == "T2":
            self._say("References are light tasks against gravity now; no maximal contraction is asked for.")
        return marks

    def _hurts(self, _text: str) -> Said:
        was, ended = self.doing, self._end(count=False)
        self.pain = None
        self._say("Stopped. How much does it hurt, from 0 to 10? Rest; see someone who knows when it stays.")
        where = f" in: {was.title}" if was.title else ""
        return [*ended, ("note", {"text": f"stopped because of pain{where}"})]

    def _tension(self, text: str) -> Said:
        value = _number(text, 10.0)
        if value is None:
            return self._say(f"Tension is a number from 0 (none) to 10, not {text!r}.")
        return [("tension", {"value": value})]

    def _note(self, text: str) -> Said:
        return [("note", {"text": text})] if text else []


def _number(text: str, most: float) -> float | None:
    """Read a number from 0 to `most`; None when it is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0.0 <= value <= most else None
