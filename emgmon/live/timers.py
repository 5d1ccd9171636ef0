"""What the right side of the training screen shows: the hold, or how long it is to the next repetition or set."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, isfinite

from emgmon.live.moments import leader, rep_rest_s, set_rest_s, timed
from emgmon.live.state import TrainState
from emgmon.live.strings import words
from emgmon.model import PHASE_TITLES, Phase
from emgmon.runner.resting import REP_REST_S, SET_REST_S

HOLD_TOP_S = 4.0
"""End of the hold bar when the exercise has no longest hold."""
TASK_S = 10.0
"""End of the bar of a countdown of which only the rest is known."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A time: `number` in `unit`, bright while it is `running`; `fraction` and `tick` are places on its bar, 0 to 1."""

    number: str
    running: bool
    fraction: float
    tick: float | None
    tick_text: str
    end_text: str
    phase: str
    group: str
    label: str
    unit: str = "s"


def hold(state: TrainState) -> Hold:
    """Say what the timer shows: what begins next has precedence over the hold that is done."""
    if state.task is not None and not state.in_set:
        return _wait(state, state.task.label, state.task.left_s, max(TASK_S, state.task.left_s))
    left_s = rep_rest_s(state)
    if left_s > 0.0:
        return _wait(state, words("hold.next_rep"), left_s, REP_REST_S)
    left_s = set_rest_s(state)
    if left_s > 0.0:
        last = state.sets > 1 and state.set_number >= state.sets
        return _wait(state, words("hold.rest" if last else "hold.next_set"), left_s, SET_REST_S)
    return _held(state)


def _wait(state: TrainState, label: str, left_s: float, whole_s: float) -> Hold:
    """Return a countdown; its bar empties."""
    number, end = str(ceil(left_s)), f"{whole_s:g} s"
    phase = PHASE_TITLES[Phase.REST] if state.in_set else ""
    return Hold(number, True, min(1.0, left_s / whole_s), None, "", end, phase, "", label)


def _held(state: TrainState) -> Hold:
    frame, target_s = state.frame, state.hold_target_s
    top_s = target_s[1] if target_s else HOLD_TOP_S
    hold_s = frame.hold_s if frame and isfinite(frame.hold_s) else 0.0
    shortest = target_s is not None and 0.0 < target_s[0] < top_s
    return Hold(
        number=f"{hold_s:.0f}" if timed(state) else f"{hold_s:.1f}",
        running=frame is not None and state.in_set and frame.phase is Phase.HOLD,
        fraction=min(1.0, hold_s / top_s),
        tick=target_s[0] / top_s if target_s and shortest else None,
        tick_text=f"{target_s[0]:g}" if target_s and shortest else "",
        end_text=f"{top_s:g} s",
        phase="" if timed(state) else PHASE_TITLES[frame.phase] if frame and state.in_set else "",
        group=leader(state),
        label=words("hold.time" if timed(state) else "hold.hold"),
    )
