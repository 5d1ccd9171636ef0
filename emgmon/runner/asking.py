"""What a person is asked for: the marks that begin it, what they are at then, and what is said before. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from emgmon.exercise.catalogue import Exercise
from emgmon.exercise.reference_tasks import ReferenceTask
from emgmon.model import GROUP_TITLES, Placement
from emgmon.pipeline.calibrating import PARTS
from emgmon.runner.doing import CHECK, PART, REFERENCE, REST, SET, Doing, Said, Timings

MOST_KG = 50.0
ENDS: Mapping[str, tuple[str, str]] = {
    REST: ("baseline_stop", "baseline_cancel"),
    REFERENCE: ("reference_stop", "reference_cancel"),
    SET: ("set_stop", "set_stop"),
    CHECK: ("set_stop", "set_stop"),
}
"""Marks by what the person is at: when it is done, and when it is broken off."""


class Asked(NamedTuple):
    """Marks, what the person is at (its end counted from its beginning), and a sentence."""

    marks: Said
    doing: Doing
    text: str


def reference(
    task: ReferenceTask, group: str, side: str, places: Sequence[Placement], trial: int, weight: Sequence[str]
) -> Asked:
    """Ask for one try of a group's task, of one side where it has one; `places` are the channels it is about."""
    data: dict[str, Any] = {"group": group, "kind": task.kind, "position": task.id, "trial": trial}
    if side and len(places) == 1:
        data["placement"] = str(places[0])
    if weight and (load := number(weight[0], MOST_KG)) is not None:
        data["load_kg"] = load
    leg = f" {side}" if side else ""
    title = f"{GROUP_TITLES[group]}{leg}, try {trial}: {task.title.lower()}"
    doing = Doing(REFERENCE, title, task.instruction, until_s=task.hold_s, group=group, step=f"{group}{leg}")
    return Asked([("reference_start", data)], doing, f"{task.instruction} {task.safety}")


def part(name: str) -> Asked:
    """Ask for one part of the motion sensors' calibration."""
    about = PARTS[name]
    length_s = math.inf if about.times else about.length_s
    text = f"{about.instruction}."
    return Asked([(f"{name}_start", {})], Doing(PART, about.title, text, until_s=length_s, step=name), text)


def check(exercise: Exercise, timings: Timings) -> Asked:
    """Ask for one repetition, to see whether it is seen."""
    data = {"exercise": exercise.id, "target_reps": 1, "check": True}
    title, how = f"Check: {exercise.title.lower()}", exercise.how or exercise.pose
    doing = Doing(CHECK, title, how, until_s=timings.check_s, step="check")
    return Asked([("set_start", data)], doing, f"One slow repetition: {exercise.title.lower()}.")


def set_of(exercise: Exercise, reps: float | None) -> Asked:
    """Ask for a set."""
    data: dict[str, Any] = {"exercise": exercise.id} | ({"target_reps": int(reps)} if reps else {})
    doing = Doing(SET, exercise.title, exercise.pose)
    return Asked([("set_start", data)], doing, f"{exercise.title}: get ready.")


def ending(done: Doing, *, count: bool) -> Said:
    """Return the marks that end something, or break it off."""
    if done.what == PART:
        return [(f"{done.step}_{'stop' if count else 'cancel'}", {})]
    if done.what not in ENDS:
        return []
    stop, cancel = ENDS[done.what]
    return [(stop, {"group": done.group} if done.what == REFERENCE else {})] if count else [(cancel, {})]


def tension(text: str) -> Said | str:
    """Take the tension in the hamstrings that a person says; a sentence when it is no number from 0 to 10."""
    value = number(text, 10.0)
    return (
        f"Tension is a number from 0 (none) to 10, not {text!r}." if value is None else [("tension", {"value": value})]
    )


def note(text: str) -> Said:
    """Take a line that a person writes."""
    return [("note", {"text": text})] if text else []


def number(text: str, most: float) -> float | None:
    """Read a number from 0 to `most`; None when it is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0.0 <= value <= most else None
