"""What comes in (entries), and the samples between the stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgmon.model.places import Placement

Array = NDArray[np.float64]


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

MUSCLE_QUANTITIES = ("emg", "envelope")
MOTION_WIDTH = {"imu": 6, "acceleration": 3, "angular_velocity": 3, "magnetic_field": 3, "quaternion": 4}
"""Numbers in a sample of a motion stream; other streams have one for each placement."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Samples that one sensor takes together.

    Attributes
    ----------
    device : str
    quantity : str
        ``emg`` raw; ``envelope`` where the sensor hands out no more; ``ecg``; ``acceleration`` (g) or
        ``angular_velocity`` (dps), ``imu`` for both, accelerometer first; ``magnetic_field``; ``quaternion`` (w first).
    unit : str
        ``uv``, ``g``, ``dps``, ``g,dps``, ``ut``, ``1``, or ``a.u.`` where the scale is unknown.
    fs_hz : float
        Nominal rate; the true one is measured by `emgmon.timing`.
    placements : tuple of Placement or None
        One for each channel of a muscle's or the heart's stream, one in all for a motion stream; None where nobody
        said.
    """

    device: str
    quantity: str
    unit: str
    fs_hz: float
    placements: tuple[Placement | None, ...]

    @property
    def width(self) -> int:
        """Numbers in one sample."""
        return MOTION_WIDTH.get(self.quantity, len(self.placements))


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
