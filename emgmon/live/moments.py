"""What moment of a session it is: at work or at rest, how long yet, and what is not shown now. No Qt, no clock."""

from __future__ import annotations

from math import isfinite, nan

from emgmon.live.marks import Feedback, Light
from emgmon.live.state import TrainState
from emgmon.model import GROUPS, Phase
from emgmon.runner.resting import REP_REST_S, SET_REST_S, remaining_s

UNTIMED = ("timer", "stillness", "emg", "steps", "none")
"""Signals of exercises between whose repetitions there is no rest."""


def at_work(state: TrainState) -> bool:
    """Say whether a rep is running."""
    return state.frame is not None and (state.frame.phase is not Phase.REST or bool(state.frame.leader))


def timed(state: TrainState) -> bool:
    """Say whether the running set is one by the clock, in which nothing is measured."""
    return state.in_set and state.signal == "timer"


def concealed(state: TrainState) -> bool:
    """Say whether the running rep is not shown, because the person trains to do without."""
    if not state.in_set or not at_work(state) or state.frame is None or timed(state):
        return False
    faded = state.feedback is Feedback.FADED and state.frame.rep % 2 == 0
    return faded or state.feedback is Feedback.AFTER


def leader(state: TrainState) -> str:
    """Return the group whose colour the screen takes, ``""`` for none."""
    return state.frame.leader if state.frame and state.in_set and not concealed(state) else ""


def change(state: TrainState) -> float:
    """Return how far the index is from the person's own first reps, ln; positive is more of the synergists."""
    return state.frame.sdi - state.frame.baseline_sdi if state.frame is not None else nan


def missing_group(state: TrainState) -> str:
    """Return the first group that the running set does without, so that it can give no share; ``""`` if none."""
    return next((group for group in GROUPS if state.in_set and group not in state.groups), "")


def lost_labels(state: TrainState) -> list[str]:
    """Return the labels of the sensors without which there is no share."""
    worn = [place for place in state.placements() if place.group in GROUPS]
    return sorted(place.label for place in worn if state.light(place) is Light.LOST)


def enough(state: TrainState) -> bool:
    """Say whether all repetitions of the running set are done."""
    return state.in_set and bool(state.reps_target) and len(state.reps) >= (state.reps_target or 0)


def rep_rest_s(state: TrainState) -> float:
    """Return what is left of the rest before the next repetition; NaN when there is none to wait for."""
    held = state.hold_target_s is not None and state.signal not in UNTIMED
    if not state.in_set or not state.reps or not held or enough(state):
        return nan
    return remaining_s(state.quiet_s, state.clock_s, REP_REST_S)


def set_rest_s(state: TrainState) -> float:
    """Return what is left of the rest before the next set; NaN in a set and before the first."""
    if state.in_set or not state.summaries:
        return nan
    return remaining_s(state.quiet_s, state.clock_s, SET_REST_S)


def over(left_s: float) -> bool:
    """Say whether a rest has come to its end."""
    return isfinite(left_s) and left_s <= 0.0
