"""How much of an exercise is asked for, in words; and the stretches of time of one that goes by the clock."""

from __future__ import annotations

from typing import NamedTuple

from emgmon.exercise.catalogue import Exercise

CHANGE_S = 5
"""Seconds to change the side, or to settle again. A convention."""
SHORTEST_S = 30.0


class Stretch(NamedTuple):
    """A part of an exercise that goes by the clock; `side` is empty where both work, `number` counts from 1 to `of`.

    `change` is the time in which the person turns over to what follows.
    """

    seconds: int
    side: str
    number: int
    of: int
    change: bool


def dose(item: Exercise) -> str:
    """How many, how long, on which side."""
    parts = []
    if item.reps_target:
        few = "" if item.reps_from in {None, item.reps_target} else f"{item.reps_from}-"
        parts.append(f"{few}{item.reps_target} reps")
    if item.hold_target_s:
        parts.append(" to ".join(f"{seconds:g}" for seconds in item.hold_target_s) + " s")
    times = f"{item.sets} x " if item.sets > 1 else ""
    return times + ", ".join(parts) + (" a side" if item.sides == "each" and parts else "")


def stretches(item: Exercise, seconds: float | None = None) -> tuple[Stretch, ...]:
    """Divide an exercise into stretches of time, with a change between each two.

    Parameters
    ----------
    item : Exercise
    seconds : float, optional
        Length of each; the shortest that the exercise asks for when absent.
    """
    length_s = max(1, round(seconds or (item.hold_target_s or (SHORTEST_S, SHORTEST_S))[0]))
    sides = ("left", "right") if item.sides == "each" else ("",)
    work = [
        Stretch(length_s, side, number, item.sets, change=False) for number in range(1, item.sets + 1) for side in sides
    ]
    between = [part._replace(seconds=CHANGE_S, change=True) for part in work]
    return tuple(part for pair in zip(between, work, strict=True) for part in pair)[1:]
