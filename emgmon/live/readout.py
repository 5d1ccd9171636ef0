"""From the state to what the training screen says: words, shares and lengths, and no pixels. No Qt.

Each part of the screen is one frozen record, so a part is painted again only when its record has changed, and tests
read the screen without looking at it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, isfinite

from emgmon.live.levels import Bar, bar, bars
from emgmon.live.moments import (
    at_work,
    concealed,
    enough,
    leader,
    lost_labels,
    missing_group,
    over,
    rep_rest_s,
    set_rest_s,
    timed,
)
from emgmon.live.rings import Ring, ring
from emgmon.live.state import Feedback, Light, TrainState, rank
from emgmon.live.strings import words
from emgmon.live.timers import Hold, hold
from emgmon.model import CueWord, Frame, Phase

__all__ = [
    "Bar",
    "Column",
    "Cue",
    "Hold",
    "Reps",
    "Ring",
    "TopBar",
    "at_work",
    "bar",
    "bars",
    "cue",
    "end_lines",
    "hold",
    "leader",
    "notice",
    "reps",
    "ring",
    "spoken",
    "top_bar",
]

COLUMN_TOP = 0.7
"""Glute share at the top of a rep column, unless a rep had more."""
MOST_COLUMNS = 24
DONE_HEIGHT = 0.08
"""Height of a rep column whose share could not be said."""
NOTICE_S = 8.0
"""How long a notice stays on a screen without status line."""
DONE_S = 4.0
"""How long DONE stands after a set, before the rest is counted."""
SAME_HEIGHT = 0.5
"""Height of a rep column without share that is like the first reps; it is less by as much as glutes are."""


@dataclass(frozen=True, slots=True)
class TopBar:
    """Exercise, lights and clock; `pill` says which sensors are awaited or what to do, `notice` the last sentence."""

    exercise: str
    set_text: str
    pill: str
    lights: tuple[tuple[str, Light], ...]
    sound: bool
    recording: bool
    clock: str


@dataclass(frozen=True, slots=True)
class Column:
    """One rep: `kind` is ``met``, ``missed``, ``unknown``, ``now`` or ``next``; `height` is 0 to 1."""

    kind: str
    height: float


@dataclass(frozen=True, slots=True)
class Reps:
    """The counter and its columns; `mark` is the height of the dashed line, None before there is a target."""

    number: str
    target: str
    columns: tuple[Column, ...]
    mark: float | None
    caption: str
    label: str


@dataclass(frozen=True, slots=True)
class Cue:
    """The one word, its icon (``check up down pause`` or none) and the group whose colour it bears."""

    text: str
    icon: str
    group: str


def top_bar(state: TrainState) -> TopBar:
    """Say what the top bar shows."""
    lights = [(rank(place), place.label, state.light(place)) for place in state.placements()]
    for sensor in state.sensors.values():
        if not sensor.placements:
            light = {"lost": Light.LOST, "connected": Light.WEAK}.get(sensor.state, Light.GOOD)
            lights.append(((9, 9, sensor.device), sensor.device[:8], light))
    lights.sort()
    bad = [place for place in sorted(state.quality, key=rank) if state.unusable(place)]
    unusable = {place.label for place in bad}
    lost = [label for _, label, light in lights if light is Light.LOST and label not in unusable]
    several = ", ".join(lost[:3]) + (" …" if len(lost) > 3 else "")
    pill = words("top.reconnecting", sensors=several) if lost else ""
    if bad and not pill:
        pill = f"{bad[0].label}: {state.quality[bad[0]].remedy.partition(':')[2].strip(' .')}"
    minutes, seconds = divmod(int(state.clock_s), 60)
    return TopBar(
        exercise=state.exercise_title,
        set_text=_set_text(state),
        pill=pill,
        lights=tuple((label, light) for _, label, light in lights),
        sound=state.sound,
        recording=state.recording,
        clock=f"{minutes // 60}:{minutes % 60:02}:{seconds:02}" if minutes >= 60 else f"{minutes:02}:{seconds:02}",
    )


def reps(state: TrainState) -> Reps:
    """Say what the rep counter and its columns show; without shares a column is measured by the first reps."""
    if timed(state):
        of = f"/{state.sets}" if state.sets > 1 else ""
        return Reps(str(state.set_number), of, (), None, "", words("reps.set"))
    shares = [rep.share.get("G", 0.0) for rep in state.reps]
    relative = not any(shares) and isfinite(state.first_sdi())
    if relative:
        first = state.first_sdi()
        shares = [SAME_HEIGHT * exp(first - rep.sdi) if isfinite(rep.sdi) else 0.0 for rep in state.reps]
    top = 1.0 if relative else min(1.0, max([COLUMN_TOP, *(1.1 * share for share in shares)]))
    columns = [
        Column(rep.target if share else "unknown", min(1.0, max(DONE_HEIGHT, share / top)))
        for rep, share in zip(state.reps, shares, strict=True)
    ]
    running = state.frame.rep if state.frame and state.in_set else 0
    if running > len(columns) and state.frame and state.frame.phase is not Phase.REST:
        columns.append(Column("now", 1.0))
    columns.extend([Column("next", 1.0)] * ((state.reps_target or 0) - len(columns)))
    mark = SAME_HEIGHT if relative else state.mark()
    return Reps(
        number=str(max(running, len(state.reps))),
        target=f"/{state.reps_target}" if state.reps_target else "",
        columns=tuple(columns[-MOST_COLUMNS:]),
        mark=None if mark is None else mark / top,
        caption=_caption(state, mark),
        label=words("reps.rep"),
    )


def cue(state: TrainState) -> Cue:
    """Say the one word: the headline before a set, the cue within, what comes next between."""
    frame = state.frame
    if not state.in_set:
        return _cue_between(state)
    if frame is None:
        return Cue(words("cue.ready"), "", "")
    if timed(state):
        return _cue_timed(state, frame)
    if frame.phase is Phase.REST and not frame.leader:
        if enough(state):
            return Cue(words("cue.done"), "check", "")
        if over(rep_rest_s(state)):
            return Cue(words("cue.next_rep"), "", "")
    word = _plain(frame) if concealed(state) else frame.cue
    group = leader(state)
    icon = "check" if group == "G" else ICONS.get(word, "up" if group else "")
    return Cue(words(f"cue.{word}"), icon, group)


ICONS = {
    CueWord.REST: "pause",
    CueWord.LIFT: "up",
    CueWord.LOWER: "down",
    CueWord.MORE_GLUTE: "up",
    CueWord.EASE_BACK: "down",  # less of it
}


def _plain(frame: Frame) -> CueWord:
    """Return the word for the movement alone."""
    if frame.cue not in {CueWord.MORE_GLUTE, CueWord.EASE_BACK}:
        return frame.cue
    return {Phase.CON: CueWord.LIFT, Phase.HOLD: CueWord.HOLD, Phase.ECC: CueWord.LOWER}.get(frame.phase, CueWord.REST)


def _cue_between(state: TrainState) -> Cue:
    """Say what to do outside a set."""
    if state.task is not None:
        return Cue(state.task.word, "", "")
    if state.headline:
        return Cue(state.headline, "", "")
    left_s = set_rest_s(state)
    if not isfinite(left_s):
        return Cue(words("cue.ready" if state.frame else "cue.connecting"), "", "")
    if state.clock_s - state.quiet_s < DONE_S:
        return Cue(words("cue.done"), "check", "")
    return Cue(words("cue.next_set"), "", "") if over(left_s) else Cue(words("cue.REST"), "pause", "")


def _cue_timed(state: TrainState, frame: Frame) -> Cue:
    """Say what to do in a set by the clock."""
    least_s, most_s = state.hold_target_s or (0.0, float("inf"))
    if frame.hold_s >= most_s:
        return Cue(words("cue.switch" if state.sides == "each" else "cue.done"), "check", "")
    return Cue(words("cue.stay"), "check" if 0.0 < least_s <= frame.hold_s else "", "")


def notice(state: TrainState) -> str:
    """Return the last notice while it is fresh and not shouted already."""
    fresh = state.clock_s - state.notice_s < NOTICE_S
    return state.notice if fresh and state.notice.upper() != state.headline else ""


def spoken(state: TrainState) -> str:
    """Say in one sentence what a screen reader tells of the picture; it changes with words and reps alone."""
    counted, word = reps(state), cue(state).text.lower()
    lost = lost_labels(state)
    parts = [state.exercise_title, _set_text(state), word]
    parts += [words("spoken.rep", rep=counted.number, target=counted.target)] if state.in_set else []
    parts += [words("top.reconnecting", sensors=", ".join(lost))] if lost else []
    return ", ".join(part for part in parts if part)


def end_lines(state: TrainState) -> list[str]:
    """Return a line for each set of the session: reps, and the glute share of its first and second half."""
    lines = []
    for item in state.summaries:
        count = words("end.rep" if len(item.reps) == 1 else "end.reps", count=len(item.reps))
        line = words("end.set", exercise=item.exercise_title, set=item.index, reps=count)
        share = item.estimate("share_glute", "hold")
        if share is not None and isfinite(share.first) and isfinite(share.last):
            line += words("end.share", first=round(100.0 * share.first), last=round(100.0 * share.last))
        lines.append(line)
    return lines


def _set_text(state: TrainState) -> str:
    """Say which set it is, and that feedback is held back where it is."""
    if not state.set_index:
        return ""
    of = state.sets > 1 and state.set_number <= state.sets
    text = words("top.set_of" if of else "top.set", set=state.set_number, sets=state.sets)
    return text if state.feedback is Feedback.LIVE else f"{text} · {words(f'feedback.{state.feedback}')}"


def _caption(state: TrainState, mark: float | None) -> str:
    """Say how many reps were on target, or why nobody can say yet."""
    judged = [rep for rep in state.reps if rep.target != "unknown"]
    if judged:
        met = sum(rep.target == "met" for rep in judged)
        return words("reps.on_target", met=met, judged=len(judged))
    if state.in_set and mark is None and not missing_group(state) and state.frame is not None:
        return words("reps.first")
    return ""
