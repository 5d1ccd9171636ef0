"""What the person does in a session: words from keys, buttons or a file become the marks of a recording.

`Conductor` has no clock: it is told the time and says what follows. Rest, reference contractions and standing still end
by themselves; movements and sets end when the person says so. What is broken off is marked as such and is never used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from emgmon.exercise.catalogue import Exercise
from emgmon.exercise.reference import PAIN_LIMIT
from emgmon.model import GROUP_TITLES
from emgmon.pipeline.calibrating import PARTS
from emgmon.runner import asking
from emgmon.runner.asking import Asked, number
from emgmon.runner.doing import CHECK, IDLE, LEAD, PAUSED, RECOVER, REFERENCE, REST, SET, Doing, Said, Step, Timings
from emgmon.runner.steps import Worn, steps_of
from emgmon.runner.trying import Trying


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
    skipped : set of str
        Names of the steps that were left out.
    worn : Worn
        What bears a sensor, as far as was told.
    said : list of str
        Sentences for the person that nobody took yet.
    """

    def __init__(
        self, catalogue: Mapping[str, Exercise], exercise: str, reps: int | None = None, timings: Timings | None = None
    ) -> None:
        self.catalogue, self.exercise, self.reps = catalogue, catalogue[exercise], reps
        self.timings = timings or Timings()
        self.doing, self.worn = Doing(), Worn()
        self.pain: float | None = None
        self.surgery = False
        self.skipped: set[str] = set()
        self.said: list[str] = []
        self._now_s = 0.0
        self._then: tuple[Said, Doing] = ([], Doing())
        self._series = 0
        self._trying = Trying(self.timings)
        self._began = ("", "")
        self._told: set[str] = set()
        self._words: dict[str, Callable[[str], Said]] = {
            "rest": self._rest,
            "reference": lambda text: self._try("reference", text, 0),
            "tries": self._tries,
            "position": self._position,
            "calibrate": self._calibrate,
            "check": self._check,
            "exercise": self._choose,
            "set": self._set,
            "stop": lambda _text: self._ended(),
            "cancel": lambda _text: self._end(count=False),
            "now": self._now,
            "skip": self._skip,
            "pause": self._pause,
            "pain": self._pain,
            "hurts": self._hurts,
            "tension": lambda text: self._take(asking.tension(text)),
            "note": asking.note,
        }

    @property
    def tries(self) -> dict[tuple[str, str], int]:
        """Finished reference contractions by step (``G``, ``G left``) and kind."""
        return self._trying.done

    @property
    def kind(self) -> str:
        """Kind of reference that is asked for: ``T1`` maximal, ``T2`` light, empty before the question of pain."""
        if self.surgery or (self.pain is not None and self.pain >= PAIN_LIMIT):
            return "T2"
        return "" if self.pain is None else "T1"

    def steps(self, worn: Worn) -> tuple[Step, ...]:
        """Return the steps before the first set."""
        return steps_of(self.kind, worn, self.exercise, self._trying.turns, self.timings)

    def obey(self, now_s: float, word: str, text: str, worn: Worn) -> Said:
        """Do what one word says."""
        self._now_s, self.worn = now_s, worn
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
            return [*self._table(marks), *marks]
        return self._ended()

    def _table(self, marks: Said) -> Said:
        """Return the exercise's table, once, before the first set of it."""
        if marks[0][0] != "set_start" or self.exercise.id in self._told:
            return []
        self._told.add(self.exercise.id)
        return [("exercise", self.exercise.table())]

    def rep_done(self) -> None:
        """Take note that a repetition ended: a check is over soon."""
        if self.doing.what == CHECK:
            self.doing = replace(self.doing, until_s=self._now_s)

    def finish(self, now_s: float) -> Said:
        """End what is open, because the session ends; only a set counts as far as it went."""
        self._now_s = now_s
        return self._end(count=self.doing.what in {SET, CHECK})

    # --- ends -----------------------------------------------------------------------------------------------------

    def _say(self, text: str) -> Said:
        self.said.append(text)
        return []

    def _end(self, *, count: bool) -> Said:
        """End what the person is at, and what was to come after it."""
        done, self.doing, self._series = self.doing, Doing(), 0
        if done.what == REFERENCE and count:
            self._trying.finished(done.step, self.kind)
        return asking.ending(done, count=count)

    def _ended(self) -> Said:
        """End what the person is at because it is done; in a series the next try comes after a rest."""
        done, left = self.doing, self._series
        if done.what == RECOVER:
            return self._try("tries", self._began[1], left - 1)
        marks = self._end(count=True)
        if done.what == REFERENCE and left > 0:
            self._series = left
            self.doing = self._trying.recovery(done, self.kind, self.worn, self._now_s)
        return marks

    def _in_set(self) -> bool:
        if self.doing.what == SET:
            self._say("Stop the set first.")
        return self.doing.what == SET

    def _now(self, _text: str) -> Said:
        """Wait no longer for what is about to begin."""
        if self.doing.what not in {LEAD, RECOVER}:
            return []
        self.doing = replace(self.doing, until_s=self._now_s)
        return self.pass_time(self._now_s)

    def _skip(self, name: str) -> Said:
        """Leave a step out."""
        if not name or self._in_set():
            return []
        ended = self._end(count=False) if self.doing.step == name else []
        self.skipped.add(name)
        return [*ended, ("note", {"text": f"left out: {name}"})]

    def _pause(self, _text: str) -> Said:
        """Break off what runs, to begin it anew later; or go on."""
        if self._in_set() or self.doing.what == IDLE:
            return []
        title, step = self.doing.title, self.doing.step
        if self.doing.what == PAUSED:
            self.doing = Doing()
            word, text = self._began
            return [("note", {"text": f"went on: {title}"}), *self._words[word](text)]
        ended = self._end(count=False)
        self.doing = Doing(PAUSED, title, "Press the space bar, or Go on, to begin this anew.", self._now_s, step=step)
        return [*ended, ("note", {"text": f"paused: {title}"})]

    # --- the steps before the first set -----------------------------------------------------------------------------

    def _rest(self, text: str) -> Said:
        if self._in_set():
            return []
        self._began = ("rest", text)
        ended = self._end(count=False)
        until_s = self._now_s + self.timings.rest_s
        self.doing = Doing(REST, "Lie still", "Lie still and relaxed.", self._now_s, until_s, step="rest")
        return [*ended, ("baseline_start", {})]

    def _tries(self, text: str) -> Said:
        """Take all tries that are still to come, with rests between; at least one."""
        return self._try("tries", text, self._trying.to_come(text, self.kind) - 1)

    def _try(self, word: str, text: str, left: int) -> Said:
        """Get ready for one try, after which `left` more come by themselves."""
        if self._in_set():
            return []
        asked = self._trying.ask(text, self.kind, self.worn, alternating=word == "reference")
        if isinstance(asked, str):
            return self._say(asked)
        marks = self._get_ready(asked)
        self._began, self._series = (word, text), left
        return marks

    def _position(self, group: str) -> Said:
        """Choose the next position of a group."""
        if group in GROUP_TITLES and not self._in_set():
            self._trying.turns[group] = self._trying.turns.get(group, 0) + 1
        return []

    def _calibrate(self, part: str) -> Said:
        if self._in_set():
            return []
        if part not in PARTS:
            return self._say(f"The calibration has the parts {', '.join(PARTS)}, not {part!r}.")
        if not self.worn.motion:
            return self._say("No motion sensor is worn: there is nothing to calibrate.")
        marks = self._get_ready(asking.part(part))
        self._began = ("calibrate", part)
        return marks

    def _check(self, _text: str) -> Said:
        """Ask for one repetition, to see whether it is seen."""
        if self._in_set():
            return []
        ready = self._get_ready(asking.check(self.exercise, self.timings))
        self._began = ("check", "")
        return ready

    def _get_ready(self, asked: Asked) -> Said:
        ended = self._end(count=False)
        self._say(asked.text)
        doing = asked.doing
        self._then = (asked.marks, doing)
        self.skipped.discard(doing.step)
        ready_s = self._now_s + self.timings.lead_s
        self.doing = Doing(LEAD, doing.title, doing.instruction, self._now_s, ready_s, doing.group, doing.step)
        return ended

    # --- sets, and what the person says -------------------------------------------------------------------------

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
        target = number(text, 1000.0) if text else self.reps or chosen.reps_target
        return self._get_ready(asking.set_of(chosen, target))

    def _pain(self, text: str) -> Said:
        value, _, more = text.partition(" ")
        pain = number(value, 10.0)
        if pain is None:
            return self._say(f"Pain is a number from 0 (none) to 10, not {value!r}.")
        self.pain = pain
        data: dict[str, Any] = {"value": pain}
        if more.strip() == "surgery":
            self.surgery = data["recent_surgery"] = True
        marks: Said = [("pain", data)]
        preparing = self.doing.what in {LEAD, RECOVER} and bool(self.doing.group)
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

    def _take(self, answer: Said | str) -> Said:
        """Take marks, or say why there are none."""
        return self._say(answer) if isinstance(answer, str) else answer
