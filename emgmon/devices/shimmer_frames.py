"""Frames of a Shimmer3R: which channels they hold, in what order, and what the numbers mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from emgmon.devices.checksums import crc16_shimmer
from emgmon.devices.facts import facts_of
from emgmon.devices.framing import Flags, Octets
from emgmon.errors import PacketError
from emgmon.model import Array

FACTS = facts_of("shimmer3r")
INQUIRY, INQUIRY_HEAD = 0x02, 12
"""First byte of the reply to an inquiry, and its bytes before the channels."""

TICKS_HZ = 32768
GYRO_RANGE = 2
"""500 dps: fast enough for hips, fine enough for rest. `facts.toml` gives the scale of this range."""

GYRO_COUNTS = (229, 114, 57, 29, 14, 7)
"""Counts for 1 dps in each range."""

AXES = np.array([-1.0, 1.0, -1.0])
"""How both inertial sensors are mounted."""

CHANNEL_SIZES = {
    **dict.fromkeys((*range(3), *range(4, 13)), 2),
    **dict.fromkeys((0x14, 0x15, 0x16, 0x23, 0x24, 0x25, 0x26), 2),
    **dict.fromkeys((0x1D, 0x20), 1),
    **dict.fromkeys((0x1E, 0x1F, 0x21, 0x22), 3),
}
"""Bytes of a channel in a frame, by its number."""

EMG_CHANNELS, ACC_CHANNELS, GYRO_CHANNELS = (0x1E, 0x1F), (0, 1, 2), (0x0A, 0x0B, 0x0C)


@dataclass(frozen=True, slots=True)
class Layout:
    """What a frame holds.

    Attributes
    ----------
    divisor : int
        Ticks between two frames.
    channels : tuple of int
        Numbers of the channels in their order.
    acc_range, gyro_range : int
        Codes of the ranges.
    """

    divisor: int
    channels: tuple[int, ...]
    acc_range: int
    gyro_range: int

    @property
    def size(self) -> int:
        """Bytes of a frame, its checksum included."""
        return 4 + sum(CHANNEL_SIZES[channel] for channel in self.channels) + 2

    def columns(self, frames: Octets, channels: tuple[int, ...]) -> npt.NDArray[np.int32]:
        """Read numbers (n_frames, n_channels) of some channels, all of the same form."""
        ends = 4 + np.cumsum([CHANNEL_SIZES[channel] for channel in self.channels])
        found = []
        for channel in channels:
            end, size = int(ends[self.channels.index(channel)]), CHANNEL_SIZES[channel]
            octets = frames[:, end - size : end].astype(np.int32)
            octets = octets if channel in EMG_CHANNELS else octets[:, ::-1]
            number = octets @ (256 ** np.arange(size - 1, -1, -1, dtype=np.int32))
            sign = 1 << (8 * size - 1)
            found.append((number ^ sign) - sign)
        return np.stack(found, axis=1)

    def emg(self, frames: Octets) -> Array:
        """Read EMG of both channels, (n_frames, 2), µV."""
        return FACTS.signals["emg"].values(self.columns(frames, EMG_CHANNELS))

    def imu(self, frames: Octets) -> Array:
        """Read acceleration (g) and angular velocity (dps), (n_frames, 6)."""
        acceleration = FACTS.signals["acceleration"].values(self.columns(frames, ACC_CHANNELS))
        rotation = FACTS.signals["angular_velocity"].values(self.columns(frames, GYRO_CHANNELS))
        gyro_counts = GYRO_COUNTS[min(self.gyro_range, len(GYRO_COUNTS) - 1)]
        return np.hstack(
            [
                acceleration * AXES * 2**self.acc_range,
                rotation * AXES * GYRO_COUNTS[GYRO_RANGE] / gyro_counts,
            ]
        )


def parse_inquiry(reply: bytes) -> Layout:
    """Read the reply to an inquiry: what frames will hold.

    Raises
    ------
    PacketError
        When it is cut short, or names a rate or a channel that there is not.
    """
    if len(reply) < INQUIRY_HEAD or reply[0] != INQUIRY or len(reply) < INQUIRY_HEAD + reply[10]:
        raise PacketError("reply to the inquiry is cut short", reply)
    divisor, config = int.from_bytes(reply[1:3], "little"), int.from_bytes(reply[3:10], "little")
    channels = tuple(reply[INQUIRY_HEAD : INQUIRY_HEAD + reply[10]])
    if not divisor or not set(channels) <= CHANNEL_SIZES.keys() or len(set(channels)) != len(channels):
        raise PacketError("reply to the inquiry has a rate or a channel that is not known", reply)
    return Layout(divisor, channels, config >> 30 & 3, config >> 16 & 3 | (config >> 34 & 1) << 2)


def passes(frames: Octets) -> Flags:
    """Tell which of these begin with 0 and end with their checksum."""
    good = frames[:, 0] == 0
    crc = crc16_shimmer(frames[:, :-2])
    return np.asarray(good & (frames[:, -2] == crc & 0xFF) & (frames[:, -1] == crc >> 8))
