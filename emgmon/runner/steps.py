"""The steps before the first set: which there are depends on what is worn, on pain, and on the exercise."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from emgmon.exercise.catalogue import Exercise
from emgmon.exercise.reference import TRIALS
from emgmon.exercise.reference_tasks import ReferenceTask, tasks_for
from emgmon.model import GROUP_TITLES, Placement
from emgmon.pipeline.calibrating import PARTS, PELVIS
from emgmon.runner.doing import Step, Timings

SIDES = ("left", "right")
REST_HOW = "Lie still on your back and let everything go. What each sensor hears now is its noise."
PAIN_HOW = "How much does it hurt now, from 0 (none) to 10? From 3 on, or after surgery, light tasks take the place."
CHECK_HOW = "Do one slow repetition: {how}"


@dataclass(frozen=True, slots=True)
class Worn:
    """What a person wears.

    Attributes
    ----------
    muscles : collection of Placement
        Places of the EMG channels.
    motion : collection of Placement
        Places of the motion sensors.
    """

    muscles: Collection[Placement] = ()
    motion: Collection[Placement] = field(default=())

    def of(self, group: str, side: str = "") -> list[Placement]:
        """Return the channels of a group, of one side or of both."""
        return [place for place in self.muscles if place.group == group and side in {"", place.side}]


def task_of(group: str, kind: str, worn: Worn, turn: int) -> ReferenceTask | None:
    """Return a group's task of a kind, the `turn`-th of its positions in a circle; None without such a sensor."""
    muscles = [place.muscle for place in worn.of(group)]
    tasks = tasks_for(kind, muscles[0]) if muscles and kind else ()
    return tasks[turn % len(tasks)] if tasks else None


def steps_of(kind: str, worn: Worn, exercise: Exercise, turns: Mapping[str, int], timings: Timings) -> tuple[Step, ...]:
    """Return the steps in their order.

    Parameters
    ----------
    kind : str
        Of the references: ``T1``, ``T2``, or empty before the question of pain; then maximal ones are listed.
    worn : Worn
    exercise : Exercise
        For which one gets ready.
    turns : mapping of str to int
        By group, how often another position was chosen.
    timings : Timings
    """
    steps = [
        Step("rest", "rest", "", "Rest", REST_HOW, length_s=timings.rest_s),
        Step("pain", "", "", "Pain", PAIN_HOW),
    ]
    for group in GROUP_TITLES:
        task = task_of(group, kind or "T1", worn, turns.get(group, 0))
        if task is not None:
            steps += _references(group, task, worn)
    for part, about in PARTS.items():
        if _asked(part, worn, exercise):
            length_s = float("inf") if about.times else about.length_s
            steps.append(Step(part, "calibrate", part, about.title, f"{about.instruction}.", length_s=length_s))
    how = CHECK_HOW.format(how=exercise.how or exercise.pose)
    return (*steps, Step("check", "check", "", f"Check: {exercise.title.lower()}", how, exercise.safety))


def _references(group: str, task: ReferenceTask, worn: Worn) -> list[Step]:
    """Return the steps of one group: one for each leg where the task is done with one, else one."""
    sides = [side for side in SIDES if worn.of(group, side)] if task.one_side else [""]
    positions = len(tasks_for(task.kind, next(place.muscle for place in worn.of(group))))
    return [
        Step(
            f"{group} {side}".strip(),
            "tries",
            f"{group} {side}".strip(),
            f"{GROUP_TITLES[group]}{f', {side}' if side else ''}",
            f"{task.instruction}{f' The {side} leg does the work.' if side else ''}",
            task.safety,
            group,
            side,
            TRIALS,
            task.hold_s,
            task.load_kg,
            positions,
        )
        for side in sides
    ]


def _asked(part: str, worn: Worn, exercise: Exercise) -> bool:
    """Say whether a part of the motion sensors' calibration is of use to what is worn."""
    segments = {place.segment for place in worn.motion}
    if part == "squat":
        return "shank" in segments
    if part == "supine":
        return "pelvis" in segments and exercise.pose == "supine"
    if part == "posture":
        return any(place.muscle == PELVIS for place in worn.motion)
    return bool(segments)
