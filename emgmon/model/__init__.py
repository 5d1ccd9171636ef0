"""The nouns: what an entry, a block, a placement, an event, a rep and a session are.

Three clocks, three names: ``device_s`` is a sensor's own clock, ``host_ns`` the computer's monotonic clock at the
moment a packet arrived, and every other ``…_s`` is the session clock (seconds since the session's first entry, on
which all streams are aligned). Arrays are ``(n_samples, n_channels)``, float64, in the unit of their stream.
"""

from __future__ import annotations

from emgmon.model.events import (
    CalibrationTaken,
    CueWord,
    DeviceChanged,
    Event,
    Frame,
    Notice,
    QualityChanged,
    ReferenceExceeded,
    ReferenceTaken,
    RepClosed,
    SensorSeen,
    SetClosed,
    SetOpened,
    SignalSeen,
)
from emgmon.model.history import PastSet
from emgmon.model.packed import Packed, packed
from emgmon.model.places import BODY_SITES, GROUP_TITLES, GROUPS, MUSCLES, PLACES, SIDES, Muscle, Placement
from emgmon.model.reps import (
    PHASE_TITLES,
    Curve,
    Exceeded,
    Phase,
    Reference,
    Rep,
    RepSummary,
    SignOfRep,
    SignOfSet,
    Value,
)
from emgmon.model.results import (
    Answer,
    ChannelQuality,
    Estimate,
    QualityFlag,
    SessionSummary,
    SetSummary,
)
from emgmon.model.runs import BlockRun, Ints, Octets, PacketRun, Part, TimedRun
from emgmon.model.signals import (
    MOTION_WIDTH,
    MUSCLE_QUANTITIES,
    Array,
    Entry,
    Mark,
    Packet,
    SampleBlock,
    Stream,
    TimedBlock,
)

__all__ = [
    "BODY_SITES",
    "GROUPS",
    "GROUP_TITLES",
    "MOTION_WIDTH",
    "MUSCLES",
    "MUSCLE_QUANTITIES",
    "PHASE_TITLES",
    "PLACES",
    "SIDES",
    "Answer",
    "Array",
    "BlockRun",
    "CalibrationTaken",
    "ChannelQuality",
    "CueWord",
    "Curve",
    "DeviceChanged",
    "Entry",
    "Estimate",
    "Event",
    "Exceeded",
    "Frame",
    "Ints",
    "Mark",
    "Muscle",
    "Notice",
    "Octets",
    "Packed",
    "Packet",
    "PacketRun",
    "Part",
    "PastSet",
    "Phase",
    "Placement",
    "QualityChanged",
    "QualityFlag",
    "Reference",
    "ReferenceExceeded",
    "ReferenceTaken",
    "Rep",
    "RepClosed",
    "RepSummary",
    "SampleBlock",
    "SensorSeen",
    "SessionSummary",
    "SetClosed",
    "SetOpened",
    "SetSummary",
    "SignOfRep",
    "SignOfSet",
    "SignalSeen",
    "Stream",
    "TimedBlock",
    "TimedRun",
    "Value",
    "packed",
]
