"""What the pipeline tells while it runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from emgmon.model.places import Placement
from emgmon.model.reps import Exceeded, Phase, Reference, RepSummary
from emgmon.model.results import SetSummary
from emgmon.model.signals import Array


class CueWord(StrEnum):
    """The one word that says what to do."""

    REST = "REST"
    LIFT = "LIFT"
    HOLD = "HOLD"
    LOWER = "LOWER"
    MORE_GLUTE = "MORE GLUTE"
    EASE_BACK = "EASE BACK"


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    """A sensor began to stream, was lost or came back.

    ``state`` is ``connected``, ``streaming`` or ``lost``; ``placements`` are of the channels that streamed so far;
    ``battery_percent`` is None until the sensor said it.
    """

    t_s: float
    device: str
    state: str
    placements: tuple[Placement, ...]
    battery_percent: int | None


@dataclass(frozen=True, slots=True)
class SignalSeen:
    """EMG of one channel for the Signals page.

    Attributes
    ----------
    placement : Placement
    start_s : float
        Session time of the first sample, the filter's delay taken out.
    period_s : float
    samples : ndarray, shape (n,)
        Filtered, in `unit`; lost ones NaN.
    unit : str
    raw : ndarray, shape (n,), or None
        The same samples as the sensor sent them, before any filter; None where there is no such form.
    delay_s : float
        So much later than `start_s` the first of `raw` was taken.
    """

    placement: Placement
    start_s: float
    period_s: float
    samples: Array
    unit: str
    raw: Array | None = None
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class QualityChanged:
    """A channel's signal became better or worse.

    ``state`` is ``good``, ``amber`` or ``red``, ``code`` one of `emgmon.dsp.quality.REMEDIES` (``""`` when good) and
    ``remedy`` one sentence for the user (``""`` when good).
    """

    t_s: float
    placement: Placement
    state: str
    code: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What the muscles and the hip do at one moment; fifty a second.

    Attributes
    ----------
    t_s : float
        Session time of the newest sample used.
    level : mapping of Placement to float
        Moving RMS over 125 ms, noise subtracted, as a fraction of the reference where `referenced`, else in the unit
        of the stream; NaN while there is no signal. Lags the muscle by half its window.
    referenced : bool
        Every channel of glutes, hamstrings and back that is there has a reference, all of one kind.
    share : mapping of str to float
        Share of each of G, H, E in their sum, from moving RMS over 500 ms. Empty when a group is missing, below the
        floor of activity, or without maximal references.
    sdi : float
        Synergist dominance index over the same 500 ms; NaN when it cannot be said. Without references only its
        change within the session means something.
    baseline_sdi : float
        What the index is measured by, same phase: the person's own first set of the exercise, in that set its first
        reps; NaN until they are done.
    angle_deg : float
        Excursion of the exercise's segment from the rest pose; NaN without an IMU.
    phase : Phase
    hold_s : float
        Length of the present hold, or of the last one while lowering and resting.
    rep : int
        Number of the running rep, or of the last finished one.
    cue : CueWord
    leader : str
        ``G`` on target, ``H`` or ``E`` when that group has taken over, ``""`` at rest or when it cannot be said.
    kind : str
        Kind of the references in force, ``T4`` without: what may be said is in `emgmon.exercise.reference.PERMITS`.
    glute_on : bool
        A glute is clearly at work in the last 25 ms: sooner told than its `level`, and only that it is. False too
        where its noise was never measured.
    """

    t_s: float
    level: Mapping[Placement, float]
    referenced: bool
    share: Mapping[str, float]
    sdi: float
    baseline_sdi: float
    angle_deg: float
    phase: Phase
    hold_s: float
    rep: int
    cue: CueWord
    leader: str
    kind: str = "T4"
    glute_on: bool = False


@dataclass(frozen=True, slots=True)
class ReferenceTaken:
    """A reference contraction ended and gave these levels (empty when none was better, or there was no signal).

    ``more`` asks for one more try: the last was clearly better than those before. ``tries`` are the levels of this
    contraction alone, NaN where nothing stood out of the noise; empty when an earlier one was judged once more.
    """

    t_s: float
    references: tuple[Reference, ...]
    more: bool = False
    tries: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class ReferenceExceeded:
    """A finished set went beyond a maximal reference; the person may have it raised, nothing is raised by itself."""

    t_s: float
    set_index: int
    exceeded: Exceeded


@dataclass(frozen=True, slots=True)
class SetOpened:
    """A set began.

    `groups` tells which of G, H, E have at least one channel; `signal`, `sets`, `sides` and `asks` are the exercise's
    own, as in its table. `measured_by` is the number of the earlier set by whose mean its reps are measured; 0 when its
    own first reps do that.
    """

    t_s: float
    index: int
    exercise: str
    exercise_title: str
    reps_target: int | None
    hold_target_s: tuple[float, float] | None
    groups: tuple[str, ...]
    signal: str = ""
    sets: int = 1
    sides: str = "both"
    asks: tuple[str, ...] = ()
    measured_by: int = 0


@dataclass(frozen=True, slots=True)
class RepClosed:
    """A rep ended."""

    t_s: float
    summary: RepSummary


@dataclass(frozen=True, slots=True)
class SetClosed:
    """A set ended; a `check` repetition is told like a set and belongs to none."""

    t_s: float
    summary: SetSummary
    check: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence for the user."""

    t_s: float
    text: str


@dataclass(frozen=True, slots=True)
class SensorSeen:
    """What a part of the calibration showed of one motion sensor.

    Attributes
    ----------
    placement : Placement
    reason : str
        Why the part has to be repeated; empty when it was good.
    sway_deg : float
        Of standing or lying still: 95th percentile of the departures; NaN for movements.
    explained, range_deg : float
        Of bows and squats: share of the turning about one axis, 0 to 1, and its range; NaN for stillness.
    """

    placement: Placement
    reason: str = ""
    sway_deg: float = math.nan
    explained: float = math.nan
    range_deg: float = math.nan


@dataclass(frozen=True, slots=True)
class CalibrationTaken(Notice):
    """What came of one part of the calibration of motion sensors, in `text` and in figures.

    Attributes
    ----------
    part : str
        ``stand``, ``hinge``, ``squat``, ``supine`` or ``posture``.
    good : bool
        False when it has to be repeated.
    seen : tuple of SensorSeen
    """

    part: str
    good: bool
    seen: tuple[SensorSeen, ...] = ()


Event = (
    DeviceChanged
    | SignalSeen
    | QualityChanged
    | Frame
    | ReferenceTaken
    | ReferenceExceeded
    | SetOpened
    | RepClosed
    | SetClosed
    | Notice
)
