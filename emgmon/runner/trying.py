"""Tries of reference contractions: how many are done, where the next one is, and what is asked for. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from emgmon.exercise.reference import TRIALS
from emgmon.model import GROUP_TITLES
from emgmon.runner import asking
from emgmon.runner.asking import Asked
from emgmon.runner.doing import RECOVER, Doing, Timings
from emgmon.runner.steps import SIDES, Worn, task_of

PAIN_FIRST = "First say how much it hurts now, from 0 to 10: with pain there are light tasks."


@dataclass(slots=True)
class Trying:
    """The tries of one session.

    Attributes
    ----------
    timings : Timings
    done : dict of (str, str) to int
        Finished tries by step (``G``, ``G left``) and kind.
    turns : dict of str to int
        By group, how often another position was chosen.
    """

    timings: Timings
    done: dict[tuple[str, str], int] = field(default_factory=dict)
    turns: dict[str, int] = field(default_factory=dict)

    def finished(self, step: str, kind: str) -> None:
        """Count a finished try."""
        self.done[step, kind] = self.done.get((step, kind), 0) + 1

    def to_come(self, text: str, kind: str) -> int:
        """Return how many tries of a step are still to come, as ``G`` or ``G left`` say it; at least one."""
        step = " ".join(part for part in text.split() if part in {*GROUP_TITLES, *SIDES})
        return max(1, TRIALS - self.done.get((step, kind), 0))

    def ask(self, text: str, kind: str, worn: Worn, *, alternating: bool) -> Asked | str:
        """Ask for one try, ``GROUP [SIDE] [KG]``; a sentence when that cannot be.

        Where positions alternate, the next one has its turn after three tries in one.
        """
        group, *more = text.split() or [""]
        side = more.pop(0) if more and more[0] in SIDES else ""
        if group not in GROUP_TITLES:
            return f"A reference is of one of {', '.join(GROUP_TITLES)}, not of {group!r}."
        if not worn.of(group, side):
            where = f" on the {side}" if side else ""
            return f"No sensor sits on {GROUP_TITLES[group].lower()}{where}: there is nothing to refer to."
        if not kind:
            return PAIN_FIRST
        trial = self.done.get((f"{group} {side}".strip(), kind), 0) + 1
        turn = self.turns.get(group, 0) + ((trial - 1) // TRIALS if alternating else 0)
        task = task_of(group, kind, worn, turn)
        assert task is not None  # noqa: S101 - a sensor is worn there, and each group has tasks of both kinds
        return asking.reference(task, group, side, worn.of(group, side), trial, more)

    def recovery(self, done: Doing, kind: str, worn: Worn, now_s: float) -> Doing:
        """Return the rest after a try that another one follows."""
        task = task_of(done.group, kind, worn, self.turns.get(done.group, 0))
        asked_s = task.rest_s if task is not None else 0.0
        rest_s = asked_s if math.isnan(self.timings.recover_s) else self.timings.recover_s
        title = f"{done.title.partition(',')[0]}: rest"
        return Doing(RECOVER, title, "Breathe and let go.", now_s, now_s + rest_s, done.group, done.step)
