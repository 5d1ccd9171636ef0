"""Recordings that others made, carried as packets like those of a sensor.

A file has no radio, but it goes the same way: `emgmon.storage.importing` writes these packets, and everything after
reads them as if a sensor had said them. A ``description`` packet is JSON::

    {"streams": [{"quantity": "emg", "unit": "uv", "fs_hz": 1000.0, "placements": ["gluteus_maximus/right", null]}]}

and a packet on port ``0``, ``1``, … (the stream's position in that list) is a header of 20 bytes, little-endian, before
the samples as float64, sample-major: index of the first sample u64, its time f64 in s, samples u16, channels u16.

Quantities are ``emg``, ``envelope`` and ``imu``, which are analysed, and ``acceleration`` (three columns, g), which is
kept with its placement in the description but handed on without, as nothing is made of it yet.
"""

from __future__ import annotations

import json
import math
import struct
from typing import Any

import numpy as np

from emgmon.devices.base import Advertisement, Driver, Handshake, StreamSettings
from emgmon.errors import HandshakeFailed, PacketError
from emgmon.model import Array, Packet, Placement, SampleBlock, Stream

DESCRIPTION = "description"
HEADER = struct.Struct("<QdHH")
QUANTITIES = ("emg", "imu", "envelope", "acceleration")
ANALYSED = ("emg", "envelope", "imu")
SENSOR_COLUMNS = {"imu": 6, "acceleration": 3}


def description_payload(streams: list[dict[str, Any]]) -> bytes:
    """Bytes of a description packet."""
    return json.dumps({"streams": streams}, sort_keys=True).encode()


def data_payload(first: int, device_s: float, samples: Array) -> bytes:
    """Bytes of a data packet; `samples` is (n_samples, n_channels)."""
    return HEADER.pack(first, device_s, *samples.shape) + np.ascontiguousarray(samples, "<f8").tobytes()


class ImportedDecoder:
    """Decoder of one imported file."""

    loss_evidence = "file"
    clock_ppm = 100.0
    battery_percent: int | None = None

    def __init__(self, device: str) -> None:
        self.device = device
        self._streams: tuple[Stream, ...] = ()

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Streams of the file."""
        return self._streams

    def restart(self) -> None:
        """Do nothing: a file is not connected anew."""

    def decode(self, packet: Packet) -> list[SampleBlock]:
        """Turn one packet into blocks; see `emgmon.devices.base.Decoder`."""
        if packet.port == DESCRIPTION:
            self._streams = _parse_description(self.device, packet.payload)
            return []
        if not packet.port.isdecimal() or int(packet.port) >= len(self._streams):
            raise PacketError(f"samples of a stream {packet.port!r} that was not described", packet.payload)
        if len(packet.payload) < HEADER.size:
            raise PacketError("packet is shorter than its header", packet.payload)
        stream = self._streams[int(packet.port)]
        first, device_s, n_samples, n_channels = HEADER.unpack_from(packet.payload)
        width = SENSOR_COLUMNS.get(stream.quantity, len(stream.placements))
        if n_channels != width or len(packet.payload) != HEADER.size + 8 * n_samples * n_channels or not n_samples:
            raise PacketError("packet has another size than its header says", packet.payload)
        if not math.isfinite(device_s) or abs(device_s) > 1e9 or first > 1 << 48:
            raise PacketError("packet has an index or time that cannot be", packet.payload)
        samples = np.frombuffer(packet.payload, "<f8", offset=HEADER.size).reshape(n_samples, n_channels)
        return [SampleBlock(stream, samples, first, device_s, packet.host_ns)]


def _parse_description(device: str, payload: bytes) -> tuple[Stream, ...]:
    try:
        table = json.loads(payload)
        return tuple(_stream(device, item) for item in table["streams"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PacketError(f"description of an imported file does not fit: {error}", payload) from error


def _stream(device: str, item: Any) -> Stream:
    quantity = _one_of(item["quantity"], QUANTITIES)
    placements = tuple(Placement.parse(text) if text else None for text in item["placements"])
    if quantity not in ANALYSED:
        placements = (None,) * len(placements)
    return Stream(device, quantity, str(item["unit"]), _rate(item["fs_hz"]), placements)


def _one_of(value: Any, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(f"{value!r} is none of {', '.join(allowed)}")
    return str(value)


def _rate(value: Any) -> float:
    rate_hz = float(value)
    if not 1.0 <= rate_hz <= 100_000.0:
        raise ValueError(f"rate {rate_hz} Hz is outside 1 to 100000")
    return rate_hz


def _recognises(_advertisement: Advertisement) -> bool:
    return False


def _handshake(_settings: StreamSettings) -> Handshake:
    raise HandshakeFailed("an imported file cannot be connected")
    yield


DRIVER = Driver("imported", "Imported file", _recognises, _handshake, ImportedDecoder)
