"""Data packets of the open profile, one by one: what is in each, and the quick way for one that is like the last."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from emgmon.devices.bits import int24
from emgmon.errors import PacketError
from emgmon.model import Array, Packet, SampleBlock, Stream

HEADER = struct.Struct("<BBHIIBB")
MASK_AT, SAMPLES_AT = 12, 13
IMU_CONTENT = ((1, 3, "g"), (2, 3, "dps"), (4, 3, "ut"), (8, 4, "1"))
"""Bit of the content mask, numbers per sample, unit."""

DISAGREE_S = 0.05
_INT16 = np.dtype("<i2")
_TURN, _HALF = 1 << 32, 1 << 31


@dataclass(slots=True)
class DataPacket:
    """One data packet: its samples, and index and time (µs) of the first, of 32 bits until they are unwrapped."""

    index: int
    device_us: int
    samples: Array
    host_ns: int

    def block(self, stream: Stream) -> SampleBlock:
        """Return it as a block of a stream."""
        return SampleBlock(stream, self.samples, self.index, self.device_us * 1e-6, self.host_ns)


def parse_data(packet: Packet, scales: Sequence[float], *, imu: bool) -> DataPacket:
    """Read a data packet; `scales` are units of a count, of an IMU those of acceleration and angular velocity.

    Raises
    ------
    PacketError
        When version, coding, content or length are not what they can be.
    """
    payload = packet.payload
    if len(payload) < HEADER.size:
        raise PacketError("data packet is shorter than its header", payload)
    head, _flags, _sequence, index, device_us, mask, n_samples = HEADER.unpack_from(payload)
    coding = head & 0x0F
    if head >> 4 != 1 or coding > 1:
        raise PacketError("data packet of an unknown version or coding", payload)
    scale: float | Array
    width, scale = imu_layout(mask, scales, payload) if imu else (mask.bit_count(), scales[0])
    size = 3 if coding == 1 else 2
    if not n_samples or not width or len(payload) != HEADER.size + n_samples * width * size:
        raise PacketError("data packet has another length than its header says", payload)
    counts = int24(payload[HEADER.size :]) if coding else np.frombuffer(payload, _INT16, offset=HEADER.size)
    samples = np.asarray(counts.reshape(n_samples, width) * scale, np.float64)
    return DataPacket(index, device_us, samples[:, :6] if imu else samples, packet.host_ns)


def imu_layout(mask: int, scales: Sequence[float], payload: bytes) -> tuple[int, Array]:
    """Numbers in one sample of an IMU, and the unit of each."""
    if mask & 3 != 3:
        raise PacketError("IMU packet without accelerometer and gyroscope", payload)
    if len(scales) < 2:
        raise PacketError("description lacks the gyroscope's scale", payload)
    return _imu_scale(mask, scales[0], scales[1])


@lru_cache(maxsize=64)
def _imu_scale(mask: int, per_g: float, per_dps: float) -> tuple[int, Array]:
    width = sum(count for bit, count, _unit in IMU_CONTENT if mask & bit)
    scale = np.ones(width)
    scale[:3], scale[3:6] = per_g, per_dps
    scale.setflags(write=False)
    return width, scale


def unwrapped(value: int, previous: int) -> int:
    """Of all numbers that share the low 32 bits of `value`, the one nearest to `previous`."""
    return previous + ((value - previous + _HALF) % _TURN) - _HALF


def disagree(index_step: int, step_s: float, fs_hz: float) -> bool:
    """Whether the index went on otherwise than the time since the packet before."""
    return abs(index_step / fs_hz - step_s) > DISAGREE_S + 0.02 * abs(step_s)


class Usual(NamedTuple):
    """Layout of a data packet that was right: its stream, part of its header, its bytes, shape and units of counts."""

    stream: Stream
    stream_id: int
    head: tuple[int, int, int]
    size: int
    shape: tuple[int, int]
    units: float | Array

    @classmethod
    def of(cls, packet: Packet, stream: Stream, stream_id: int, scales: Sequence[float], *, imu: bool) -> Usual | None:
        """Return the layout of a packet that was decoded; None where each packet has to be looked at closely."""
        payload = packet.payload
        head, mask, n_samples = payload[0], payload[MASK_AT], payload[SAMPLES_AT]
        scale: float | Array
        width, scale = imu_layout(mask, scales, payload) if imu else (stream.width, scales[0])
        if head & 0x0F or width != stream.width:
            return None
        units = np.tile(scale, n_samples) if imu else scale
        return cls(stream, stream_id, (head, mask, n_samples), len(payload), (n_samples, width), units)

    def read(self, packet: Packet, previous: tuple[int, int]) -> DataPacket | None:
        """Read a packet that is laid out like this and follows that of index and time `previous`; None if it is not."""
        payload = packet.payload
        if len(payload) != self.size:
            return None
        head, _flags, _sequence, index, device_us, mask, n_samples = HEADER.unpack_from(payload)
        if (head, mask, n_samples) != self.head:
            return None
        index, device_us = unwrapped(index, previous[0]), unwrapped(device_us, previous[1])
        if disagree(index - previous[0], (device_us - previous[1]) * 1e-6, self.stream.fs_hz):
            return None
        counts = np.ndarray(self.shape[0] * self.shape[1], _INT16, payload, HEADER.size)
        samples: Array = (counts * self.units).reshape(self.shape)  # in one dimension, which takes a third of the time
        return DataPacket(index, device_us, samples, packet.host_ns)
