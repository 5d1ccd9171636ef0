"""From the state to what the training screen says: words, shares and lengths, and no pixels. No Qt.

Each part of the screen is one frozen record, so a part is painted again only when its record has changed, and tests
read the screen without looking at it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from emgmon.live.state import Light, TrainState, rank
from emgmon.model import GROUP_TITLES, GROUPS, PHASE_TITLES, CueWord, Phase, Placement

COLUMN_TOP = 0.7
"""Glute share at the top of a rep column, unless a rep had more."""
MOST_COLUMNS = 24
DONE_HEIGHT = 0.08
"""Height of a rep column whose share could not be said."""
HOLD_TOP_S = 4.0
"""End of the hold bar when the exercise has no longest hold."""
PEAK_FLOOR_UV = 10.0
"""Without references a bar is never full below this level: noise is not activity."""
MOST_REFERENCES = 2.0
"""A full bar is never more than this many references: one jerk must not make all bars small."""
NOTICE_S = 8.0
"""How long a notice stays on a screen without status line."""
NOTHING = "–"


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


@dataclass(frozen=True, slots=True)
class Ring:
    """Share of the groups: `share` holds (G, H, E) or nothing; `dim` when it is not of this moment."""

    label: str
    number: str
    share: tuple[float, ...]
    dim: bool
    mark: float | None
    last: float | None


@dataclass(frozen=True, slots=True)
class Cue:
    """The one word, its icon (``check up down pause`` or none) and the group whose colour it bears."""

    text: str
    icon: str
    group: str


@dataclass(frozen=True, slots=True)
class Hold:
    """The hold timer: `fraction` and `tick` are places on its bar, 0 to 1."""

    number: str
    running: bool
    fraction: float
    tick: float | None
    tick_text: str
    end_text: str
    phase: str
    group: str


@dataclass(frozen=True, slots=True)
class Bar:
    """Level on one side of one group.

    ``kind`` is ``level``, ``lost`` (no signal), ``absent`` (not worn) or ``empty`` (nothing known yet); `fill` and
    `tick`, the level of the person's own first reps, are 0 to 1.
    """

    kind: str
    fill: float = 0.0
    tick: float | None = None


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
    pill = f"{', '.join(lost[:3])}{' …' if len(lost) > 3 else ''} reconnecting" if lost else ""
    if bad and not pill:
        pill = f"{bad[0].label}: {state.quality[bad[0]].remedy.partition(':')[2].strip(' .')}"
    minutes, seconds = divmod(int(state.clock_s), 60)
    return TopBar(
        exercise=state.exercise_title,
        set_text=f"set {state.set_index}" if state.set_index else "",
        pill=pill,
        lights=tuple((label, light) for _, label, light in lights),
        sound=state.sound,
        recording=state.recording,
        clock=f"{minutes // 60}:{minutes % 60:02}:{seconds:02}" if minutes >= 60 else f"{minutes:02}:{seconds:02}",
    )


def reps(state: TrainState) -> Reps:
    """Say what the rep counter and its columns show."""
    shares = [rep.share.get("G", 0.0) for rep in state.reps]
    top = min(1.0, max([COLUMN_TOP, *(1.1 * share for share in shares)]))
    columns = [
        Column(rep.target if rep.share else "unknown", max(DONE_HEIGHT, share / top))
        for rep, share in zip(state.reps, shares, strict=True)
    ]
    running = state.frame.rep if state.frame and state.in_set else 0
    if running > len(columns) and state.frame and state.frame.phase is not Phase.REST:
        columns.append(Column("now", 1.0))
    columns.extend([Column("next", 1.0)] * ((state.reps_target or 0) - len(columns)))
    mark = state.mark()
    return Reps(
        number=str(max(running, len(state.reps))),
        target=f"/{state.reps_target}" if state.reps_target else "",
        columns=tuple(columns[-MOST_COLUMNS:]),
        mark=None if mark is None else mark / top,
        caption=_caption(state, mark),
    )


def ring(state: TrainState) -> Ring:
    """Say what the ring shows; a share of almost nothing is never shown."""
    frame, last = state.frame, state.last_share()
    mark, ghost = state.mark(), last.get("G")
    if frame is not None and state.in_set and not frame.referenced:
        return Ring("NO REFERENCE", NOTHING, (), dim=True, mark=None, last=None)
    if frame is not None and state.in_set and frame.kind == "T2":
        return Ring("LIGHT REFERENCE", NOTHING, (), dim=True, mark=None, last=None)
    if frame is not None and frame.share and at_work(state):
        return Ring("GLUTE SHARE", _percent(frame.share["G"]), _triple(frame.share), dim=False, mark=mark, last=ghost)
    if last:
        return Ring("LAST REP", _percent(last["G"]), _triple(last), dim=True, mark=mark, last=ghost)
    missing = missing_group(state)
    label = f"{GROUP_TITLES[missing].upper()} NOT WORN" if missing else "GLUTE SHARE"
    return Ring(label, NOTHING, (), dim=True, mark=mark, last=None)


def cue(state: TrainState) -> Cue:
    """Say the one word: the headline before a set, the cue within."""
    frame = state.frame
    if not state.in_set:
        if state.headline:
            return Cue(state.headline, "", "")
        if state.summaries:
            return Cue("DONE", "check", "")
        return Cue("GET READY" if frame else "CONNECTING", "", "")
    if frame is None:
        return Cue("GET READY", "", "")
    icons = {
        CueWord.REST: "pause",
        CueWord.LIFT: "up",
        CueWord.LOWER: "down",
        CueWord.MORE_GLUTE: "up",
        CueWord.EASE_BACK: "down",  # less of it
    }
    icon = "check" if frame.leader == "G" else icons.get(frame.cue, "up" if frame.leader else "")
    return Cue(str(frame.cue), icon, frame.leader)


def hold(state: TrainState) -> Hold:
    """Say what the hold timer shows."""
    frame, target_s = state.frame, state.hold_target_s
    top_s = target_s[1] if target_s else HOLD_TOP_S
    hold_s = frame.hold_s if frame and isfinite(frame.hold_s) else 0.0
    shortest = target_s is not None and 0.0 < target_s[0] < top_s
    return Hold(
        number=f"{hold_s:.1f}",
        running=frame is not None and state.in_set and frame.phase is Phase.HOLD,
        fraction=min(1.0, hold_s / top_s),
        tick=target_s[0] / top_s if target_s and shortest else None,
        tick_text=f"{target_s[0]:g}" if target_s and shortest else "",
        end_text=f"{top_s:g} s",
        phase=PHASE_TITLES[frame.phase] if frame and state.in_set else "",
        group=frame.leader if frame else "",
    )


def bar(state: TrainState, group: str, side: str) -> Bar:
    """Say what one bar shows; a sensor on the midline counts for both sides.

    With references a full bar is 100 % of the reference, or the largest level so far when that was more; without,
    each channel has only its own largest level to be compared with.
    """
    known = state.placements()
    here = [place for place in known if place.group == group and place.side in {side, "midline"}]
    if not here:
        return Bar("absent" if state.set_index else "empty")  # before the first set it may still come
    if state.frame is None:
        return Bar("empty")
    heard = [p for p in here if isfinite(state.frame.level.get(p, float("nan"))) and state.light(p) is not Light.LOST]
    if not heard:
        return Bar("lost")
    full = {place: _full_level(state, place) for place in heard}
    fill = sum(state.frame.level[place] / full[place] for place in heard) / len(heard)
    ticks = [level / full[place] for place in heard if (level := state.first_level(place)) is not None]
    return Bar("level", min(1.0, max(0.0, fill)), min(1.0, sum(ticks) / len(ticks)) if ticks else None)


def bars(state: TrainState) -> Mapping[tuple[str, str], Bar]:
    """Return all bars by group and side."""
    return {(group, side): bar(state, group, side) for group in GROUPS for side in ("left", "right")}


def missing_group(state: TrainState) -> str:
    """Return the first group that the running set does without, so that it can give no share; ``""`` if none."""
    return next((group for group in GROUPS if state.in_set and group not in state.groups), "")


def notice(state: TrainState) -> str:
    """Return the last notice while it is fresh and not shouted already."""
    fresh = state.clock_s - state.notice_s < NOTICE_S
    return state.notice if fresh and state.notice.upper() != state.headline else ""


def at_work(state: TrainState) -> bool:
    """Say whether a rep is running."""
    return state.frame is not None and (state.frame.phase is not Phase.REST or bool(state.frame.leader))


def leader(state: TrainState) -> str:
    """Return the group whose colour the screen takes, ``""`` for none."""
    return state.frame.leader if state.frame and state.in_set else ""


def end_lines(state: TrainState) -> list[str]:
    """Return a line for each set of the session: reps, and the glute share of its first and second half."""
    lines = []
    for item in state.summaries:
        line = f"{item.exercise_title}, set {item.index}: {len(item.reps)} rep{'s' * (len(item.reps) != 1)}"
        share = item.estimate("share_glute", "hold")
        if share is not None and isfinite(share.first) and isfinite(share.last):
            line += f", glute share {_percent(share.first)} % then {_percent(share.last)} % (first, second half)"
        lines.append(line)
    return lines


def _full_level(state: TrainState, placement: Placement) -> float:
    """Return the level at the end of a bar."""
    peak = state.peak.get(placement, 0.0)
    if state.frame is not None and state.frame.referenced:
        return min(MOST_REFERENCES, max(1.0, max(state.peak.values(), default=0.0)))
    return max(peak, PEAK_FLOOR_UV if state.unit.get(placement, "uv") == "uv" else 0.0) or 1.0


def _caption(state: TrainState, mark: float | None) -> str:
    """Say how many reps were on target, or why nobody can say yet."""
    judged = [rep for rep in state.reps if rep.target != "unknown"]
    if judged:
        return f"{sum(rep.target == 'met' for rep in judged)} of {len(judged)} on target"
    if (
        state.in_set
        and mark is None
        and not missing_group(state)
        and state.frame is not None
        and state.frame.referenced
    ):
        return "first reps set your mark"
    return ""


def _percent(share: float) -> str:
    return str(round(100.0 * share))


def _triple(share: Mapping[str, float]) -> tuple[float, ...]:
    return tuple(share.get(group, 0.0) for group in GROUPS)
