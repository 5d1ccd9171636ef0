"""XDF 1.0: chunks of samples with their times, as Lab Streaming Layer's recorder writes them.

The layout is that of https://github.com/sccn/xdf/wiki/Specifications. Every sample bears its session time, so a reader
need not guess from a nominal rate; a lost sample is NaN. All streams are on the session clock already: their clock
offsets are 0. Marks and repetitions are a stream of texts; a repetition's lengths are in its text.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import IO
from xml.etree import ElementTree as ET

import numpy as np

from emgmon.storage.export.happenings import happenings
from emgmon.storage.signals import Signal, Signals, about

MAGIC = b"XDF:"
FILE_HEADER, STREAM_HEADER, SAMPLES, CLOCK_OFFSET, STREAM_FOOTER = 1, 2, 3, 4, 6
TYPES = {"emg": "EMG", "emg_filtered": "EMG", "emg_envelope": "EMG", "imu": "IMU", "angle": "MoCap"}
UNITS = {"uV": "microvolts", "deg": "degrees"}
Fields = Sequence[tuple[str, str]]


def write_xdf(signals: Signals, path: Path) -> list[str]:
    """Write all signals, then marks and repetitions."""
    with path.open("wb") as stream:
        stream.write(MAGIC)
        said = [(key, str(value)) for key, value in about(signals.summary).items()]
        _chunk(stream, FILE_HEADER, _xml([("version", "1.0"), *said]))
        for number, signal in enumerate(signals.signals, 1):
            _signal(stream, number, signals, signal)
        _markers(stream, len(signals.signals) + 1, signals)
    return []


def _signal(stream: IO[bytes], number: int, signals: Signals, signal: Signal) -> None:
    root = _info(signal.name, TYPES[signal.kind.removesuffix("_back")], len(signal.channels), signal.fs_hz, "double64")
    desc = ET.SubElement(root, "desc")
    channels = ET.SubElement(desc, "channels")
    for channel in signal.channels:
        place = str(channel.placement or "")
        unit = UNITS.get(channel.unit, channel.unit)
        _fields(ET.SubElement(channels, "channel"), [("label", channel.name), ("unit", unit), ("placement", place)])
    said = [("simulated", str(signals.summary.simulated)), ("device", signal.device)]
    _fields(ET.SubElement(desc, "acquisition"), [*said, ("time_error_s", f"{signal.time_error_s:.6f}")])
    _open(stream, number, root)
    dtype = np.dtype([("size", "u1"), ("time_s", "<f8"), ("values", "<f8", (len(signal.channels),))])
    first_s = last_s = signal.start_s
    for time_s, rows in signals.blocks(signal):
        samples = np.empty(len(rows), dtype)
        samples["size"], samples["time_s"], samples["values"] = 8, time_s, rows
        _chunk(stream, SAMPLES, struct.pack("<IBI", number, 4, len(rows)) + samples.tobytes())
        last_s = float(time_s[-1])
    _close(stream, number, first_s, last_s, len(signal.samples), signal.fs_measured_hz)


def _markers(stream: IO[bytes], number: int, signals: Signals) -> None:
    found = happenings(signals)
    _open(stream, number, _info("marks", "Markers", 1, 0.0, "string"))
    content = b""
    for item in found:
        length = f" ({item.duration_s:.3f} s)" if item.duration_s > 0 else ""
        text = (item.text + length).encode()
        content += struct.pack("<BdBI", 8, item.onset_s, 4, len(text)) + text
    if found:
        _chunk(stream, SAMPLES, struct.pack("<IBI", number, 4, len(found)) + content)
    times_s = [item.onset_s for item in found] or [0.0]
    _close(stream, number, times_s[0], times_s[-1], len(found), 0.0)


def _open(stream: IO[bytes], number: int, root: ET.Element) -> None:
    _chunk(stream, STREAM_HEADER, struct.pack("<I", number) + ET.tostring(root, "utf-8", xml_declaration=True))


def _close(stream: IO[bytes], number: int, first_s: float, last_s: float, n: int, fs_hz: float) -> None:
    """Write clock offsets of 0 at both ends, and the footer."""
    for at_s in (first_s, last_s):
        _chunk(stream, CLOCK_OFFSET, struct.pack("<Idd", number, at_s, 0.0))
    said = [("first_timestamp", f"{first_s:.9f}"), ("last_timestamp", f"{last_s:.9f}"), ("sample_count", str(n))]
    _chunk(stream, STREAM_FOOTER, struct.pack("<I", number) + _xml([*said, ("measured_srate", f"{fs_hz:.9g}")]))


def _info(name: str, kind: str, n_channels: int, fs_hz: float, channel_format: str) -> ET.Element:
    root = ET.Element("info")
    _fields(
        root,
        [
            ("name", name),
            ("type", kind),
            ("channel_count", str(n_channels)),
            ("nominal_srate", f"{fs_hz:.9g}"),
            ("channel_format", channel_format),
            ("source_id", name),
            ("version", "1.1"),
            ("created_at", "0"),
        ],
    )
    return root


def _xml(fields: Fields) -> bytes:
    root = ET.Element("info")
    _fields(root, fields)
    return bytes(ET.tostring(root, "utf-8", xml_declaration=True))


def _fields(parent: ET.Element, fields: Fields) -> None:
    for name, value in fields:
        ET.SubElement(parent, name).text = value


def _chunk(stream: IO[bytes], tag: int, content: bytes) -> None:
    """Write one chunk: length of length, length, tag, content."""
    length = len(content) + 2
    size = struct.pack("<BB", 1, length) if length < 256 else struct.pack("<BI", 4, length)
    stream.write(size + struct.pack("<H", tag) + content)
