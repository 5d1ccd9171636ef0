"""What the Calibrate page says of each step: how far it is, what came of it, what to press next. No Qt, no clock."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from emgmon.live.sensor_state import name_of
from emgmon.live.signals_words import UNITS
from emgmon.live.state import TrainState
from emgmon.live.strings import words
from emgmon.model import MUSCLE_QUANTITIES, CalibrationTaken, Placement, Reference, SensorSeen
from emgmon.runner.board import View
from emgmon.runner.doing import LEAD, PAUSED, RECOVER, Doing, Step

NOISY = frozenset({"NOISE", "PLI", "FLAT", "LEAD"})
"""Faults of a channel at rest that a rest shows."""


class State(StrEnum):
    """How far a step is."""

    TODO = "todo"
    NOW = "now"
    DONE = "done"
    POOR = "poor"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Action:
    """What the main button does: a word for the board (empty: the next step), and what stands on it."""

    word: str
    text: str
    label: str


def places_of(step: Step, view: View) -> list[Placement]:
    """Return the EMG channels that a step is about: those of its group and side, else all."""
    worn = [c.placement for c in view.channels if c.placement is not None and c.quantity in MUSCLE_QUANTITIES]
    if not step.group:
        return worn
    return [place for place in worn if place.group == step.group and step.side in {"", place.side}]


def state_of(step: Step, view: View, state: TrainState) -> State:
    """Return how far a step is."""
    if view.doing.step == step.name:
        return State.NOW
    result = _result(step, view, state)
    return State.SKIPPED if result is State.TODO and step.name in view.skipped else result


def _result(step: Step, view: View, state: TrainState) -> State:
    outcomes = view.outcomes
    if step.name == "rest":
        return _graded(outcomes.measured or None, good=not noisy(step, view, state))
    if step.name == "pain":
        return State.TODO if view.pain is None else State.DONE
    if step.group:
        enough = view.tries.get((step.name, view.kind), 0) >= step.tries
        known = all(_best(place, view) is not None for place in places_of(step, view))
        return _graded(enough or None, good=known)
    if step.name == "check":
        return _graded(outcomes.check, good=bool(outcomes.check))
    taken = outcomes.parts.get(step.name)
    return _graded(taken, good=taken is not None and taken.good)


def _graded(there: object, *, good: bool) -> State:
    if there is None:
        return State.TODO
    return State.DONE if good else State.POOR


def noisy(step: Step, view: View, state: TrainState) -> list[Placement]:
    """Return the channels that are not quiet."""
    return [p for p in places_of(step, view) if (seen := state.quality.get(p)) is not None and seen.code in NOISY]


def _best(place: Placement, view: View) -> Reference | None:
    best = view.outcomes.best.get(place)
    return best if best is not None and best.kind == view.kind else None


def remark_of(step: Step, view: View, state: TrainState) -> str:
    """Return in a few words what is known of a step, for the list."""
    now = state_of(step, view, state)
    if step.name == "pain" and view.pain is not None:
        return words("wizard.pain.asked", pain=view.pain)
    if step.group:
        done = view.tries.get((step.name, view.kind), 0)
        best = [item for place in places_of(step, view) if (item := _best(place, view)) is not None]
        parts = [words("wizard.tries", done=done, asked=step.tries)] if done else []
        parts += [words("wizard.best", level=r.level, unit=UNITS.get(r.unit, r.unit)) for r in best[:1]]
        if parts and now is not State.SKIPPED:
            return ", ".join(parts)
    return words(f"wizard.{now.value}")


def verdict_of(step: Step, view: View, state: TrainState) -> tuple[str, bool]:
    """Return what came of a step in words, and whether it was good; nothing before it was done."""
    outcomes = view.outcomes
    if step.name == "rest" and outcomes.measured:
        bad = noisy(step, view, state)
        return (words("wizard.rest.bad"), False) if bad else (words("wizard.rest.good"), True)
    if step.group:
        return _tries(step, view)
    if step.name == "check" and outcomes.check is not None:
        if outcomes.check:
            return words("wizard.check.good"), True
        signal = state.signal if state.signal in {"emg", "none"} else "inclination"
        return words(f"wizard.check.{signal}"), False
    taken = outcomes.parts.get(step.name)
    return (_part(taken), taken.good) if taken is not None else ("", True)


def _tries(step: Step, view: View) -> tuple[str, bool]:
    """Say how the last try of each channel was, the worst first."""
    said: dict[str, list[str]] = {}
    for place in places_of(step, view):
        said.setdefault(view.outcomes.verdict(place, view.kind), []).append(name_of(place))
    for verdict in ("silent", "cut off", "weak"):
        if verdict in said:
            light = ".light" if verdict == "weak" and view.kind == "T2" else ""
            return words(f"wizard.verdict.{verdict}{light}", who=", ".join(said[verdict])), False
    if "good" not in said:
        return "", True
    more = view.outcomes.more & set(places_of(step, view))
    return words("wizard.more" if more else "wizard.verdict.good"), True


def _part(taken: CalibrationTaken) -> str:
    figures = [_figure(seen) for seen in taken.seen]
    if not figures:
        return taken.text
    return "\n".join([words("wizard.part.good"), *figures] if taken.good else figures)


def _figure(seen: SensorSeen) -> str:
    who = name_of(seen.placement)
    if seen.reason:
        return words("wizard.part.figure.bad", who=who, reason=seen.reason)
    if not math.isnan(seen.sway_deg):
        return words("wizard.part.figure.still", who=who, sway=seen.sway_deg)
    return words("wizard.part.figure.bend", who=who, explained=seen.explained, range=seen.range_deg)


def action_of(step: Step, view: View, state: TrainState, *, last: bool, weight: str = "") -> Action | None:
    """Return what the main button does now; None where there is nothing to press."""
    if view.doing.what:
        return _running(view.doing)
    now = state_of(step, view, state)
    more = bool(view.outcomes.more & set(places_of(step, view))) and bool(step.group)
    if now is State.DONE and not more:
        return Action("", "", words("wizard.train" if last else "wizard.next"))
    if not step.word or (step.group and not view.kind):
        return None
    text = f"{step.text} {weight}".strip()
    key = "wizard.once" if more else "wizard.again" if now is State.POOR else "wizard.start"
    return Action(step.word, text, words(key))


def _running(doing: Doing) -> Action | None:
    """Return what can be done about what runs; None where it ends by itself."""
    if doing.what == PAUSED:
        return Action("pause", "", words("wizard.go_on"))
    if doing.what in {LEAD, RECOVER}:
        return Action("now", "", words("wizard.at_once"))
    return Action("stop", "", words("wizard.stop")) if math.isinf(doing.until_s) else None


def count_of(view: View) -> tuple[str, str, float]:
    """Return the seconds on the ring, the word below, and how much of it is left, 0 to 1; nothing while idle."""
    doing = view.doing
    if not doing.what or doing.what == PAUSED:
        return "", "", 0.0
    if math.isinf(doing.until_s):
        return f"{max(0.0, view.now_s - doing.since_s):.0f}", words("wizard.count.since"), 1.0
    left_s = max(0.0, doing.until_s - view.now_s)
    key = {LEAD: "wizard.count.lead", RECOVER: "wizard.count.rest"}.get(doing.what, "wizard.count.left")
    return f"{math.ceil(left_s)}", words(key), left_s / max(1e-9, doing.until_s - doing.since_s)


def first_open(steps: tuple[Step, ...], view: View, state: TrainState) -> str:
    """Return the name of the first step that is neither done nor left out, else of the last."""
    open_ = (step.name for step in steps if state_of(step, view, state) in {State.TODO, State.POOR, State.NOW})
    return next(open_, steps[-1].name if steps else "")
