"""What is worth saying about a recording, and from which size on; a finding is one line."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from emgmon.storage.channelcheck import ChannelCheck
from emgmon.storage.outline import Outline
from emgmon.storage.streamcheck import StreamCheck


@dataclass(frozen=True, slots=True)
class Limits:
    """From which size on something is a finding.

    Attributes
    ----------
    lost_share, gap_s : float
        Of the samples of a stream, and of its longest gap.
    coverage : float
        Least share of what a stream could have given.
    rate_share, imu_rate_share : float
        Difference of measured and nominal rate; the clock of a MEMS sensor is 1 % off without being broken.
    drift_ppm : float
        A crystal is within 100.
    repeated_share, repeated_share_single : float
        Equal rows in a row, of several channels and of one, where equal values are common in a quiet signal.
    missing_share : float
        Of values that are not a number.
    extreme_share : float
        Of samples at the largest or smallest value.
    constant_s : float
        Of one and the same value.
    offset_sd : float
        Mean in standard deviations.
    line_db : float
        Of a mains line over its neighbourhood.
    """

    lost_share: float = 0.005
    gap_s: float = 0.05
    coverage: float = 0.98
    rate_share: float = 0.005
    imu_rate_share: float = 0.02
    drift_ppm: float = 200.0
    repeated_share: float = 0.10
    repeated_share_single: float = 0.50
    missing_share: float = 0.001
    extreme_share: float = 0.001
    constant_s: float = 0.25
    offset_sd: float = 10.0
    line_db: float = 12.0


LIMITS = Limits()
MUSCLE_QUANTITIES = ("emg", "envelope")
INERTIAL_QUANTITIES = ("imu", "acceleration")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong: a stable name, where, and one sentence with the numbers."""

    code: str
    where: str
    text: str


def findings_of(damage: Iterable[str], outline: Outline, streams: Sequence[StreamCheck]) -> tuple[Finding, ...]:
    """Everything worth saying, the file first, then the session, then stream by stream."""
    found = [Finding("damage", "file", text) for text in damage]
    found += [*_session(outline), *_sensors(outline)]
    for stream in streams:
        where = f"{stream.device}, {stream.quantity}"
        found += [Finding(code, where, text) for code, text in _stream(stream)]
        if stream.quantity in MUSCLE_QUANTITIES:
            for number, channel in enumerate(stream.channels):
                name = str(channel.placement) if channel.placement else f"channel {number}"
                place = f"{where}, {name}" if len(stream.channels) > 1 else where
                found += [Finding(code, place, text) for code, text in _channel(channel, stream)]
    return tuple(found)


def _session(outline: Outline) -> Iterator[Finding]:
    if outline.first_ns is None:
        yield Finding("empty", "file", "there is not one entry in it")
    elif outline.session is None:
        yield Finding("no_session", "session", "the mark that says when and with which program is missing")
    if outline.backwards:
        yield Finding("order", "session", f"{outline.backwards} entries are older than the one before")
    if outline.strangers:
        text = f"{outline.strangers} packets are of sensors that no mark introduces; an analysis leaves them out"
        yield Finding("stranger", "session", text)
    for number, done in enumerate(outline.sets, 1):
        if math.isnan(done.length_s):
            yield Finding("open_set", f"set {number}", f"{done.exercise} was never stopped")


def _sensors(outline: Outline) -> Iterator[Finding]:
    for name, sensor in outline.sensors.items():
        if sensor.decoder is None:
            yield Finding("driver", name, f"needs the driver {sensor.driver!r}, which this version lacks")
        elif not sensor.tallies:
            yield Finding("silent", name, f"gave no samples ({sum(sensor.packets.values())} packets)")
        if sensor.bad_packets:
            packets = sum(sensor.packets.values())
            text = f"{sensor.bad_packets} of {packets} packets do not follow the protocol"
            yield Finding("bad_packets", name, text)


def _stream(stream: StreamCheck) -> Iterator[tuple[str, str]]:
    total = stream.samples + stream.lost
    if stream.lost > LIMITS.lost_share * total or stream.longest_gap_s > LIMITS.gap_s:
        text = (
            f"{stream.lost} of {total} samples ({_percent(stream.lost / total)}) are missing in {stream.gaps} gaps, "
            f"the longest {stream.longest_gap_s:.3g} s at {stream.longest_gap_at_s:.1f} s "
            f"(known by {stream.loss_evidence})"
        )
        yield "lost", text
    if stream.coverage < LIMITS.coverage:
        yield "coverage", f"only {_percent(stream.coverage)} of what the stream could have given is there"
    if stream.twice:
        yield "twice", f"{stream.twice} samples came twice or too late"
    if stream.leaps:
        yield "leap", f"the sample index began anew {stream.leaps} times without a reconnection"
    off = stream.fs_measured_hz / stream.fs_hz - 1.0
    if abs(off) > (LIMITS.imu_rate_share if stream.quantity in INERTIAL_QUANTITIES else LIMITS.rate_share):
        measured, nominal = f"{stream.fs_measured_hz:.4g}", f"{stream.fs_hz:g}"
        yield "rate", f"the rate is {measured} Hz by the host's clock, not {nominal} Hz ({_percent(off)} off)"
    elif abs(stream.drift_ppm) > LIMITS.drift_ppm:
        yield "drift", f"the sensor's clock is {stream.drift_ppm:.0f} ppm slower than the host's"
    many = len(stream.channels) > 1
    if stream.repeated_share > (LIMITS.repeated_share if many else LIMITS.repeated_share_single):
        new_hz = stream.fs_hz * (1.0 - stream.repeated_share)
        text = (
            f"{_percent(stream.repeated_share)} of the rows repeat the row before: at most {new_hz:.3g} new rows a "
            f"second, not {stream.fs_hz:g}"
        )
        yield "repeated", text


def _channel(channel: ChannelCheck, stream: StreamCheck) -> Iterator[tuple[str, str]]:
    if not channel.sd > 0.0:
        yield (
            "dead",
            "there is no signal: "
            + ("no value is a number" if math.isnan(channel.sd) else f"always {channel.mean:g} {stream.unit}"),
        )
        return
    if channel.constant_s > max(LIMITS.constant_s, 25.0 / stream.fs_hz):
        yield "constant", f"one and the same value for {channel.constant_s:.2g} s"
    if channel.missing_share > LIMITS.missing_share:
        yield "not_a_number", f"{_percent(channel.missing_share)} of the values are not a number"
    if stream.quantity != "emg":
        return
    if channel.extreme_share > LIMITS.extreme_share:
        yield "clipped", f"{_percent(channel.extreme_share)} of the samples are at the largest or smallest value"
    if abs(channel.mean) > LIMITS.offset_sd * channel.sd:
        times = abs(channel.mean) / channel.sd
        yield "offset", f"offset of {channel.mean:.4g} {stream.unit}, {times:.0f} times what the signal varies"
    if channel.line_db > LIMITS.line_db:
        yield "mains", f"mains hum: {channel.line_hz:g} Hz stands {channel.line_db:.0f} dB over its neighbourhood"


def _percent(share: float) -> str:
    return f"{100.0 * share:.2g} %"
