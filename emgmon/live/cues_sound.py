"""From events to what is heard: which sound a change on the screen makes, and the tone of this moment. No audio, no Qt.

The listener keeps the same `TrainState` as the screen and asks the same `emgmon.live.readout`, so that what is heard
and what is seen cannot disagree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from emgmon.exercise.cues import CueSettings
from emgmon.exercise.reference import PERMITS
from emgmon.live import readout
from emgmon.live.moments import concealed
from emgmon.live.state import Feedback, Light, Task, TrainState
from emgmon.live.strings import words
from emgmon.model import (
    GROUPS,
    CueWord,
    Event,
    Frame,
    Phase,
    Placement,
    ReferenceTaken,
    RepClosed,
    SetClosed,
    SetOpened,
    SignalSeen,
)


class Sound(StrEnum):
    """Everything short that can be heard; `emgmon.live.synth.SCORES` has the notes."""

    CONNECTING = "connecting"
    READY = "ready"
    PROMPT = "prompt"
    NEXT_REP = "next rep"
    NEXT_SET = "next set"
    STAY = "stay"
    SWITCH = "switch"
    REST = "rest"
    LIFT = "lift"
    HOLD = "hold"
    LOWER = "lower"
    MORE_GLUTE = "more glute"
    EASE_BACK = "ease back"
    GLUTE_ON = "glute on"
    TICK = "tick"
    HOLD_REACHED = "hold reached"
    HOLD_LONG = "hold too long"
    REP_DONE = "rep done"
    REP_MET = "rep on target"
    REP_MISSED = "rep off target"
    SET_START = "set start"
    SET_END = "set end"
    SENSOR_LOST = "sensor lost"
    SENSOR_WEAK = "sensor weak"
    SENSOR_GOOD = "sensor good"
    REFERENCE = "reference taken"
    NOTICE = "notice"


WORDS = {
    words(f"cue.{name}"): sound
    for name, sound in (
        ("connecting", Sound.CONNECTING),
        ("ready", Sound.READY),
        ("done", Sound.SET_END),
        ("next_rep", Sound.NEXT_REP),
        ("next_set", Sound.NEXT_SET),
        ("stay", Sound.STAY),
        ("switch", Sound.SWITCH),
        (CueWord.REST, Sound.REST),
        (CueWord.LIFT, Sound.LIFT),
        (CueWord.HOLD, Sound.HOLD),
        (CueWord.LOWER, Sound.LOWER),
        (CueWord.MORE_GLUTE, Sound.MORE_GLUTE),
        (CueWord.EASE_BACK, Sound.EASE_BACK),
    )
}
"""Sound of each cue word; any other word is a headline that asks for something: `Sound.PROMPT`."""
BESIDE = (Sound.TICK, Sound.GLUTE_ON)
"""Heard together with whatever else is."""
LIGHTS = {Light.LOST: Sound.SENSOR_LOST, Light.WEAK: Sound.SENSOR_WEAK, Light.GOOD: Sound.SENSOR_GOOD}
REPS = {"met": Sound.REP_MET, "missed": Sound.REP_MISSED, "unknown": Sound.REP_DONE}

MIDDLE_HZ = 440.0
"""Pitch of a glute share of one half, or of the person's own first reps where there is no share."""
SHARE_PER_OCTAVE = 0.25
INDEX_PER_OCTAVE = math.log(2.0)
"""Without a share the tone falls an octave when the synergists double against the glutes."""
LOWEST_HZ, HIGHEST_HZ = 165.0, 1320.0
LEAST_WAVER, MOST_WAVER = 0.3, 0.9
WAVER_FULL_LN = math.log(2.0)
"""Deficit beyond the dead band at which the wavering is deepest."""
FLICKER_S = 30.0
"""Lights that change between good and weak are heard once in so long; lost and found again always."""
NOTICE_S = 10.0
"""Notices that come closer are one sound."""
GLUTE_OFF_S = 0.5
"""A glute that was off so long is heard when it is on again."""
REWOUND_S = 2.0
"""A frame older than what was told before by more than this tells it again."""
PAN_GAIN = 2.0
"""One side three times the other is heard on that side alone."""


@dataclass(frozen=True, slots=True)
class Tone:
    """The lasting tone.

    Attributes
    ----------
    pitch_hz : float
        165 to 1320; higher is more glute.
    chord : bool
        On target: third and fifth join in.
    waver : float
        Depth of the wavering, 0 to 0.9.
    pan : float
        −1 left to 1 right.
    """

    pitch_hz: float
    chord: bool
    waver: float
    pan: float


class Listener:
    """Turns events into sounds and a tone. Pure: the same events give the same sounds.

    Parameters
    ----------
    fade : bool
        Every second rep goes without the lasting tone, so that the person learns to do without it.
    """

    def __init__(self, *, fade: bool = False) -> None:
        self._state = TrainState(feedback=Feedback.FADED if fade else Feedback.LIVE)
        self._word = self._notice = ""
        self._lights: dict[Placement, Light] = {}
        self._hold_s = 0.0
        self._glute_s = -math.inf
        self._again = False
        self._said_s: dict[Sound, float] = {}

    @property
    def clock_s(self) -> float:
        """Session time of the newest event."""
        return self._state.clock_s

    def begin_at(self, state: TrainState) -> None:
        """Go on from another moment, at which `state` was known; what had been said by then is not said again."""
        self._state, self._again = state, False
        self._word, self._notice = readout.cue(state).text, readout.notice(state)
        self._lights = {place: state.light(place) for place in state.placements()}
        self._hold_s = state.frame.hold_s if state.frame is not None and state.frame.phase is Phase.HOLD else 0.0
        self._said_s, self._glute_s = {}, state.clock_s

    def know(self, feedback: Feedback, task: Task | None) -> None:
        """Take in what no event tells: when a running rep is heard, and what the person is at outside a set."""
        self._state.feedback, self._state.task = feedback, task

    def take(self, event: Event) -> tuple[Sound, ...]:
        """Take in one event and return what it makes heard; blocks of signal are passed over.

        Where a session is computed anew from its start, nothing is heard twice.
        """
        if isinstance(event, SignalSeen):
            return ()
        if isinstance(event, Frame):
            self._again = event.t_s < self.clock_s - REWOUND_S
        self._state.apply(event)
        hold = [*self._of_glute(event), *self._of_hold(event)] if isinstance(event, Frame) else []
        sounds = [*self._of_kind(event), *self._of_lights(), *(sound for sound in hold if sound not in BESIDE)]
        word, notice = readout.cue(self._state).text, readout.notice(self._state)
        if word != self._word and not {*sounds} - {Sound.SENSOR_WEAK, Sound.SENSOR_GOOD}:
            sounds.append(WORDS.get(word, Sound.PROMPT))
        if notice not in {"", self._notice} and not sounds and not self._soon(Sound.NOTICE, NOTICE_S):
            sounds.append(Sound.NOTICE)
        self._word, self._notice = word, notice
        return () if self._again else tuple(dict.fromkeys([*sounds, *hold]))

    def tone(self) -> Tone | None:
        """Return the tone of this moment; None at rest, below the floor of activity, and with a sensor lost."""
        frame = self._state.frame
        if frame is None or self._again or not self._state.in_set or not readout.at_work(self._state):
            return None
        if any(self._lights.get(p) is Light.LOST for p in self._lights if p.group in GROUPS):
            return None
        if concealed(self._state):
            return None
        change = frame.sdi - frame.baseline_sdi
        if frame.share:
            octaves = (frame.share["G"] - 0.5) / SHARE_PER_OCTAVE
        elif math.isfinite(frame.sdi):
            octaves = -change / INDEX_PER_OCTAVE if math.isfinite(change) else 0.0
        else:
            return None
        pitch_hz = min(HIGHEST_HZ, max(LOWEST_HZ, MIDDLE_HZ * 2.0**octaves))
        return Tone(pitch_hz, frame.leader == "G", _waver(frame, change), _pan(frame))

    def _of_kind(self, event: Event) -> list[Sound]:
        """Sounds of what happened once."""
        match event:
            case SetOpened():
                return [Sound.SET_START]
            case SetClosed():
                return [Sound.SET_END]
            case RepClosed():
                rep = self._state.reps[-1]
                return [REPS[rep.target if rep.share or math.isfinite(rep.sdi) else "unknown"]]
            case ReferenceTaken():
                return [Sound.REFERENCE]
        return []

    def _of_lights(self) -> list[Sound]:
        """Sounds of sensors whose light changed; a light that is good from the first is not worth one."""
        now = {place: self._state.light(place) for place in self._state.placements()}
        before, self._lights = self._lights, now
        was = {place: before.get(place, Light.GOOD) for place in now}
        changed = {(was[place], light) for place, light in now.items() if light is not was[place]}
        sounds = []
        for light, sound in LIGHTS.items():
            turned = {old for old, new in changed if new is light}
            flickers = light is Light.WEAK or (light is Light.GOOD and turned == {Light.WEAK})
            if turned and not (flickers and self._soon(sound, FLICKER_S)):
                sounds.append(sound)
        return sounds

    def _soon(self, sound: Sound, wait_s: float) -> bool:
        """Say whether a sound was due less than `wait_s` ago; if not, it is due now."""
        soon = self.clock_s < self._said_s.get(sound, -math.inf) + wait_s
        if not soon:
            self._said_s[sound] = self.clock_s
        return soon

    def _of_glute(self, frame: Frame) -> list[Sound]:
        """Sound of a glute that begins to work in a set, unless the running rep is not to be heard."""
        was_s = self._glute_s
        if not frame.glute_on:
            return []
        self._glute_s = frame.t_s
        off = frame.t_s - was_s > GLUTE_OFF_S
        return [Sound.GLUTE_ON] if off and self._state.in_set and not concealed(self._state) else []

    def _of_hold(self, frame: Frame) -> list[Sound]:
        """Seconds of the hold and its limits; a limit that falls on a second takes its place."""
        before_s, self._hold_s = self._hold_s, 0.0
        if frame.phase is not Phase.HOLD or not self._state.in_set or not math.isfinite(frame.hold_s):
            return []
        self._hold_s = frame.hold_s
        before_s = min(before_s, frame.hold_s)
        least_s, most_s = self._state.hold_target_s or (0.0, math.inf)
        if before_s < most_s <= frame.hold_s:
            return [Sound.HOLD_LONG]
        if before_s < least_s <= frame.hold_s:
            return [Sound.HOLD_REACHED]
        return [Sound.TICK] if math.floor(frame.hold_s) > math.floor(before_s) else []


def _waver(frame: Frame, change: float) -> float:
    """Depth of the wavering: none on target, more the further the synergists took over."""
    if frame.leader not in {"H", "E"}:
        return 0.0
    deficit = (change - CueSettings().dead_band_ln) / WAVER_FULL_LN
    deficit = min(1.0, max(0.0, deficit)) if math.isfinite(deficit) else 0.0
    return LEAST_WAVER + (MOST_WAVER - LEAST_WAVER) * deficit


def _pan(frame: Frame) -> float:
    """Where the stronger glute is; the middle where sides cannot be compared."""
    level = {
        side: [v for p, v in frame.level.items() if (p.group, p.side) == ("G", side) and math.isfinite(v)]
        for side in ("left", "right")
    }
    left, right = sum(level["left"]), sum(level["right"])
    if not PERMITS[frame.kind].sides or not all(level.values()) or left + right <= 0.0:
        return 0.0
    return min(1.0, max(-1.0, PAN_GAIN * (right - left) / (right + left)))
