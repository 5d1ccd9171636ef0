"""What is in a recording, and how sound it is; both read it once and keep no samples."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from emgmon.model import Entry, Packet, Stream
from emgmon.storage.container import FORMAT
from emgmon.storage.findings import INERTIAL_QUANTITIES, Finding, findings_of
from emgmon.storage.outline import Outline, Sensor, SetInfo
from emgmon.storage.recording import Recording
from emgmon.storage.streamcheck import StreamCheck, StreamTally

FIRST_PACKETS = 4
"""So many packets of a port after each connection are enough to know its stream."""


@dataclass(frozen=True, slots=True)
class SensorInfo:
    """One sensor. `streams` are as the sensor described them; `packets` counts all that it said."""

    device: str
    driver: str
    placements: tuple[str, ...]
    streams: tuple[str, ...]
    packets: int


@dataclass(frozen=True, slots=True)
class RecordingInfo:
    """What is in a recording; see `inspect`."""

    path: str
    format: int
    size_bytes: int
    started_utc: str
    duration_s: float
    program: str
    source: str
    simulated: bool
    sensors: tuple[SensorInfo, ...]
    sets: tuple[SetInfo, ...]
    references: int
    marks: int
    packets: int
    notes: tuple[str, ...]
    damage: tuple[str, ...]


def inspect(recording: Recording, entries: Iterable[Entry] | None = None) -> RecordingInfo:
    """Say what is in a recording.

    Parameters
    ----------
    recording : Recording
    entries : iterable of Entry, optional
        The recording's entries, if they shall be read through something that shows progress.
    """
    outline = Outline()
    for entry in recording if entries is None else entries:
        sensor = outline.take(entry)
        if sensor and isinstance(entry, Packet) and sensor.since_connected[entry.port] <= FIRST_PACKETS:
            sensor.decode(entry)
    session = outline.session or {}
    return RecordingInfo(
        str(recording.path),
        FORMAT,
        recording.path.stat().st_size,
        str(session.get("started_utc", "")),
        outline.duration_s,
        str(session.get("program", "")),
        str(session.get("source", "")),
        bool(session.get("simulated", False)),
        tuple(_sensor_info(name, sensor) for name, sensor in outline.sensors.items()),
        tuple(outline.sets),
        outline.marks.get("reference_stop", 0),
        sum(outline.marks.values()),
        sum(sum(sensor.packets.values()) for sensor in outline.sensors.values()) + outline.strangers,
        tuple(outline.notes),
        tuple(recording.damage),
    )


def _sensor_info(name: str, sensor: Sensor) -> SensorInfo:
    streams = sensor.decoder.streams if sensor.decoder else ()
    places = dict.fromkeys(str(place) for stream in streams for place in stream.placements if place)
    return SensorInfo(
        name,
        sensor.driver,
        tuple(places),
        tuple(_stream_text(stream) for stream in streams),
        sum(sensor.packets.values()),
    )


def _stream_text(stream: Stream) -> str:
    count = 1 if stream.quantity in INERTIAL_QUANTITIES else len(stream.placements)
    channels = f"{count} channels, " if count > 1 else ""
    return f"{stream.quantity}, {channels}{stream.fs_hz:g} Hz, {stream.unit}"


@dataclass(frozen=True, slots=True)
class Verification:
    """What `verify` found; `findings` is empty for a good recording."""

    path: str
    duration_s: float
    streams: tuple[StreamCheck, ...]
    findings: tuple[Finding, ...]


def verify(recording: Recording, entries: Iterable[Entry] | None = None) -> Verification:
    """Check a recording as a file, as a session and as signals.

    Parameters
    ----------
    recording : Recording
    entries : iterable of Entry, optional
        As in `inspect`.
    """
    outline = Outline()
    for entry in recording if entries is None else entries:
        sensor = outline.take(entry)
        if sensor is None or sensor.decoder is None or not isinstance(entry, Packet):
            continue
        for block in sensor.decode(entry):
            key = (entry.port, block.stream)
            if key not in sensor.tallies:
                sensor.tallies[key] = StreamTally(block.stream, sensor.decoder.clock_ppm)
            sensor.tallies[key].add(block, outline.seconds(block.host_ns))
    streams = tuple(
        tally.check(outline.duration_s, sensor.decoder.loss_evidence)
        for sensor in outline.sensors.values()
        if sensor.decoder is not None
        for tally in sensor.tallies.values()
    )
    return Verification(
        str(recording.path), outline.duration_s, streams, findings_of(recording.damage, outline, streams)
    )
