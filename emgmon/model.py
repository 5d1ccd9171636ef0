"""The nouns: what an entry, a block, a placement, an event, a rep and a session are.

Three clocks, three names: ``device_s`` is a sensor's own clock, ``host_ns`` the computer's monotonic clock at the
moment a packet arrived, and every other ``…_s`` is the session clock (seconds since the session's first entry, on
which all streams are aligned). Arrays are ``(n_samples, n_channels)``, float64, in the unit of their stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

GROUPS = ("G", "H", "E")
"""The three groups that are compared: glutes, hamstrings, erector spinae."""

GROUP_TITLES = {"G": "Glutes", "H": "Hamstrings", "E": "Back", "D": "Glute medius"}


class Muscle(NamedTuple):
    """One muscle that can bear electrodes.

    Attributes
    ----------
    title : str
        Name to show.
    group : str
        ``G`` gluteus maximus, ``H`` hamstrings, ``E`` erector spinae, ``D`` gluteus medius, ``""`` none of these.
    segment : str
        Body segment that an IMU in the same housing moves with.
    """

    title: str
    group: str
    segment: str


MUSCLES: Mapping[str, Muscle] = {
    "gluteus_maximus": Muscle("Gluteus maximus", "G", "pelvis"),
    "gluteus_medius": Muscle("Gluteus medius", "D", "pelvis"),
    "biceps_femoris": Muscle("Biceps femoris", "H", "thigh"),
    "semitendinosus": Muscle("Semitendinosus", "H", "thigh"),
    "erector_spinae": Muscle("Erector spinae", "E", "lumbar"),
    "tensor_fasciae_latae": Muscle("Tensor fasciae latae", "", "thigh"),
    "rectus_femoris": Muscle("Rectus femoris", "", "thigh"),
    "vastus_medialis": Muscle("Vastus medialis", "", "thigh"),
    "vastus_lateralis": Muscle("Vastus lateralis", "", "thigh"),
    "tibialis_anterior": Muscle("Tibialis anterior", "", "shank"),
    "peroneus_longus": Muscle("Peroneus longus", "", "shank"),
    "gastrocnemius_medialis": Muscle("Gastrocnemius medialis", "", "shank"),
    "gastrocnemius_lateralis": Muscle("Gastrocnemius lateralis", "", "shank"),
    "soleus": Muscle("Soleus", "", "shank"),
}
"""Muscles by the name that SENIAM uses, in lower case with underscores."""

SIDES = ("left", "right", "midline")


@dataclass(frozen=True, slots=True, order=True)
class Placement:
    """Where a sensor sits: a muscle of `MUSCLES` and a side of `SIDES`."""

    muscle: str
    side: str

    @property
    def group(self) -> str:
        """Group letter of the muscle, ``""`` if it belongs to none."""
        return MUSCLES[self.muscle].group

    @property
    def label(self) -> str:
        """Two letters for a small light on the screen: ``GL`` is gluteus maximus, left."""
        return f"{self.group or MUSCLES[self.muscle].title[0]}{self.side[0].upper()}"

    @property
    def title(self) -> str:
        """Name to show, as in ``Gluteus maximus, left``."""
        return f"{MUSCLES[self.muscle].title}, {self.side}"

    def __str__(self) -> str:
        return f"{self.muscle}/{self.side}"

    @classmethod
    def parse(cls, text: str) -> Placement | None:
        """Read ``muscle/side``; None when either part is unknown."""
        muscle, _, side = text.strip().partition("/")
        return cls(muscle, side) if muscle in MUSCLES and side in SIDES else None


# --- what comes in ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Packet:
    """Bytes that a sensor said, as they came.

    Attributes
    ----------
    device : str
        Name of the sensor in this session; stable over reconnections.
    port : str
        Where in the sensor they came from: the UUID of a characteristic, or ``"adv"`` for an advertisement.
    host_ns : int
        Monotonic host time of arrival.
    payload : bytes
    """

    device: str
    port: str
    host_ns: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that the user or the link did.

    Attributes
    ----------
    host_ns : int
    kind : str
        One of the kinds listed in ``docs/recording-format.md``.
    data : mapping
        JSON values only.
    """

    host_ns: int
    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)


Entry = Packet | Mark


# --- between the stages -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stream:
    """Samples that one sensor takes together.

    Attributes
    ----------
    device : str
    quantity : str
        ``emg``, ``acceleration`` (g) or ``angular_velocity`` (dps), ``imu`` for both, accelerometer first.
    unit : str
        ``uv``, ``g``, ``dps``, ``g,dps`` or ``a.u.`` where the scale is unknown.
    fs_hz : float
        Nominal rate; the true one is measured by `emgmon.timing`.
    placements : tuple of Placement or None
        One for each channel of an EMG stream, one in all for an IMU stream; None where nobody said.
    """

    device: str
    quantity: str
    unit: str
    fs_hz: float
    placements: tuple[Placement | None, ...]


@dataclass(frozen=True, slots=True)
class SampleBlock:
    """Samples of one packet, on two clocks that are not reconciled yet.

    Attributes
    ----------
    stream : Stream
    samples : (n_samples, n_channels) array
        In the unit of the stream.
    first : int
        Running index of the first sample since the stream started; a jump means lost samples.
    device_s : float
        Sensor's clock at the first sample.
    host_ns : int
        Arrival of the packet.
    """

    stream: Stream
    samples: Array
    first: int
    device_s: float
    host_ns: int


@dataclass(frozen=True, slots=True)
class TimedBlock:
    """Samples on the session clock: evenly spaced, lost ones NaN.

    Attributes
    ----------
    stream : Stream
    samples : (n_samples, n_channels) array
    start_s : float
        Session time of the first sample.
    period_s : float
        Measured sampling interval.
    """

    stream: Stream
    samples: Array
    start_s: float
    period_s: float


# --- what comes out ---------------------------------------------------------------------------------------------


class Phase(StrEnum):
    """Part of a repetition."""

    REST = "rest"
    CON = "con"
    HOLD = "hold"
    ECC = "ecc"


PHASE_TITLES = {
    Phase.CON: "lift",
    Phase.HOLD: "hold",
    Phase.ECC: "lower",
    Phase.REST: "rest",
    "act": "whole rep",
}


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

    ``state`` is ``connected``, ``streaming`` or ``lost``; ``battery_percent`` is None until the sensor said it.
    """

    t_s: float
    device: str
    state: str
    placement: Placement | None
    battery_percent: int | None


@dataclass(frozen=True, slots=True)
class SignalSeen:
    """Filtered EMG of one channel for the raw view: `samples` (n,) in `unit`, first at `start_s`, lost ones NaN."""

    placement: Placement
    start_s: float
    period_s: float
    samples: Array
    unit: str


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
        Every channel of glutes, hamstrings and back that is there has a reference.
    share : mapping of str to float
        Share of each of G, H, E in their sum, from moving RMS over 500 ms. Empty when a group is missing, below the
        floor of activity, or without references.
    sdi : float
        Synergist dominance index over the same 500 ms; NaN when it cannot be said. Without references only its
        change within the session means something.
    baseline_sdi : float
        The person's own first reps, same phase; NaN until they are done.
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


@dataclass(frozen=True, slots=True)
class Reference:
    """The level that means 100 % for one channel.

    Attributes
    ----------
    placement : Placement
    kind : str
        ``T1`` maximal voluntary isometric contraction, ``T2`` submaximal gravity-load reference, ``T4`` none.
    level : float
        Largest noise-subtracted RMS over 500 ms, in `unit`.
    unit : str
    """

    placement: Placement
    kind: str
    level: float
    unit: str


@dataclass(frozen=True, slots=True)
class ReferenceTaken:
    """A reference contraction ended and gave these levels (empty when there was no signal)."""

    t_s: float
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class Rep:
    """One repetition on the session clock: start of the lift, top reached, top left, end of the lowering."""

    index: int
    start_s: float
    top_s: float
    release_s: float
    end_s: float

    def bounds_s(self, phase: str) -> tuple[float, float]:
        """Start and end of ``con``, ``hold``, ``ecc`` or ``act`` (the whole active part)."""
        return {
            "con": (self.start_s, self.top_s),
            "hold": (self.top_s, self.release_s),
            "ecc": (self.release_s, self.end_s),
            "act": (self.start_s, self.end_s),
        }[phase]


@dataclass(frozen=True, slots=True)
class Value:
    """One number of one rep.

    Attributes
    ----------
    metric : str
        Name in `emgmon.metrics.METRICS`.
    phase : str
        ``con``, ``hold``, ``ecc``, ``act``, or ``""`` where it makes no sense.
    where : str
        A placement (``gluteus_maximus/left``), a side (``left``) or ``both``.
    value : float
        NaN when it could not be computed; `flag` then says why.
    unit : str
        ``1`` for a share, ``ln`` for a log-ratio, ``s``, ``deg``, ``ref`` for a fraction of the reference, ``uv``.
    flag : str
        Empty, ``<=`` below the limit of detection, or the reason of a missing value.
    """

    metric: str
    phase: str
    where: str
    value: float
    unit: str
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """Envelope of one channel over one rep: centred 125 ms RMS each 20 ms from `start_s`, unit as in `Frame.level`."""

    placement: Placement
    start_s: float
    period_s: float
    level: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class RepSummary:
    """A finished rep: its times, its numbers and its curves.

    ``valid`` is false when too much of it was lost; ``target`` is ``met``, ``missed`` or ``unknown`` (against the
    person's own first reps, with the dead band).
    """

    rep: Rep
    values: tuple[Value, ...]
    curves: tuple[Curve, ...]
    valid: bool
    target: str

    @property
    def index(self) -> int:
        """Number of the rep in its set, from 1."""
        return self.rep.index

    def value(self, metric: str, phase: str = "act", where: str = "both") -> float:
        """Return one number; NaN when it is not there."""
        for item in self.values:
            if (item.metric, item.phase, item.where) == (metric, phase, where):
                return item.value
        return float("nan")


@dataclass(frozen=True, slots=True)
class RepClosed:
    """A rep ended."""

    t_s: float
    summary: RepSummary


@dataclass(frozen=True, slots=True)
class Estimate:
    """A set's value of one metric with its 95 % interval; NaN bounds when there are too few reps.

    ``first`` and ``last`` are the means of the first and the second half of the set, ``change_low`` and ``change_high``
    the interval of their difference (Welch); ``slope`` is per rep.
    """

    metric: str
    phase: str
    where: str
    unit: str
    n: int
    mean: float
    low: float
    high: float
    first: float
    last: float
    change_low: float
    change_high: float
    slope: float
    slope_low: float
    slope_high: float


@dataclass(frozen=True, slots=True)
class SetSummary:
    """A finished set.

    ``notes`` says in one sentence each what could not be said, and why.
    """

    index: int
    exercise: str
    exercise_title: str
    start_s: float
    stop_s: float
    reps_target: int | None
    hold_target_s: tuple[float, float] | None
    reps: tuple[RepSummary, ...]
    estimates: tuple[Estimate, ...]
    references: tuple[Reference, ...]
    notes: tuple[str, ...]

    def estimate(self, metric: str, phase: str, where: str = "both") -> Estimate | None:
        """Return one estimate, None when it is not there."""
        for item in self.estimates:
            if (item.metric, item.phase, item.where) == (metric, phase, where):
                return item
        return None


@dataclass(frozen=True, slots=True)
class SetOpened:
    """A set began. `groups` tells which of G, H, E have at least one channel."""

    t_s: float
    index: int
    exercise: str
    exercise_title: str
    reps_target: int | None
    hold_target_s: tuple[float, float] | None
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetClosed:
    """A set ended."""

    t_s: float
    summary: SetSummary


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence for the user."""

    t_s: float
    text: str


Event = DeviceChanged | SignalSeen | Frame | ReferenceTaken | SetOpened | RepClosed | SetClosed | Notice


@dataclass(frozen=True, slots=True)
class ChannelQuality:
    """How much of one channel there is, and how clean.

    Attributes
    ----------
    device, quantity, unit : str
    placement : Placement or None
    fs_hz : float
        Nominal rate.
    fs_measured_hz : float
        Rate against the host's clock; NaN when there was too little to tell.
    samples, lost : int
        Samples that came, and that the sensor's index says are missing.
    loss_evidence : str
        How loss is known: ``index``, ``counter``, ``time``, ``file`` or ``none``.
    bad_packets : int
        Packets that did not follow the protocol.
    noise : float
        RMS of the relaxed channel after the filters; NaN when no rest was recorded.
    battery_percent : int or None
    """

    device: str
    placement: Placement | None
    quantity: str
    unit: str
    fs_hz: float
    fs_measured_hz: float
    samples: int
    lost: int
    loss_evidence: str
    bad_packets: int
    noise: float
    battery_percent: int | None

    @property
    def lost_percent(self) -> float:
        """Share of missing samples in %, 0 when nothing was expected."""
        total = self.samples + self.lost
        return 100.0 * self.lost / total if total else 0.0


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """Everything that a report shows.

    ``source`` says where the data came from; ``simulated`` is true when no person wore the sensors.
    """

    started_utc: str
    program: str
    source: str
    simulated: bool
    duration_s: float
    sets: tuple[SetSummary, ...]
    channels: tuple[ChannelQuality, ...]
    settings: Mapping[str, Any]
    notes: tuple[str, ...]
