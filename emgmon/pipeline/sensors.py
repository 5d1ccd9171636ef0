"""The sensors of a session: what each one's packets become, where it is worn, and when its link came and went."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from emgmon.devices import driver_named
from emgmon.dsp.device_class import device_class
from emgmon.model import (
    MUSCLE_QUANTITIES,
    Array,
    ChannelQuality,
    DeviceChanged,
    Event,
    Packet,
    Placement,
    SampleBlock,
    Stream,
    TimedBlock,
    TimedRun,
)
from emgmon.pipeline.checks import HeartTrack
from emgmon.pipeline.intake import DeviceIntake
from emgmon.pipeline.kept import Moment
from emgmon.pipeline.motion import MOTION_QUANTITIES, ImuTrack
from emgmon.pipeline.shaking import Shaking
from emgmon.pipeline.tracks import EmgTrack


@dataclass(slots=True)
class Sensors:
    """All sensors that were named, and the track of each of their channels on the session clock.

    Attributes
    ----------
    devices : dict of str to DeviceIntake
    emg : dict of Placement to EmgTrack
        Muscles' channels, by where they are worn.
    imus : dict of (str, str) to ImuTrack
        Sensors of motion, by device and quantity.
    hearts : dict of str to HeartTrack
        Chest straps.
    shaking : Shaking
        Sensors that are shaken together to share one clock.
    moment : Moment
        Up to which entry all tracks are looked at.
    settle : callable
        Is called before what the tracks are, or what they were told, becomes another.
    tracks : list of EmgTrack and ImuTrack
        Muscles' channels and sensors of motion.
    """

    devices: dict[str, DeviceIntake] = field(default_factory=dict)
    emg: dict[Placement, EmgTrack] = field(default_factory=dict)
    imus: dict[tuple[str, str], ImuTrack] = field(default_factory=dict)
    hearts: dict[str, HeartTrack] = field(default_factory=dict)
    shaking: Shaking = field(default_factory=Shaking)
    moment: Moment = field(default_factory=Moment)
    settle: Callable[[], None] = lambda: None
    tracks: list[EmgTrack | ImuTrack] = field(default_factory=list)
    _worn: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _slowest: EmgTrack | ImuTrack | None = None

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Streams that came so far, where they are said to be."""
        return tuple(stream for device in self.devices.values() for stream in device.streams)

    def reached_s(self, until_s: float) -> float:
        """Up to when all tracks have come that are beyond `until_s`; that, where none is."""
        reached_s = math.inf
        for track in self.tracks:
            if until_s < track.newest_s < reached_s:
                reached_s, self._slowest = track.newest_s, track
        return reached_s if reached_s < math.inf else until_s

    def lag(self, until_s: float, t_s: float) -> bool:
        """Whether the track that was last behind all others still is, before `t_s`, and is beyond `until_s`."""
        return self._slowest is not None and until_s < self._slowest.newest_s < t_s

    @property
    def heard_s(self) -> float:
        """Up to when the sensors that stream were heard, each by its own clock; infinite while none does.

        Sensors of envelopes have none: their values are timed by arrival.
        """
        latest_s = -math.inf
        for device in self.devices.values():
            if device.streaming:
                for intake in device.heard:
                    latest_s = max(latest_s, intake.next_s)  # in this order NaN is passed over
        return latest_s if latest_s > -math.inf else math.inf

    def add(self, name: str, driver_name: str) -> str:
        """Begin to understand a sensor; returns in one sentence why that cannot be, empty when it can."""
        driver = driver_named(driver_name)
        if driver is None:
            return f"Sensor {name!r} needs the driver {driver_name!r}, which this version lacks."
        if name not in self.devices:
            self.devices[name] = DeviceIntake(name, driver.decoder(name))
            self.devices[name].wear(self._worn.get(name, {}))
        return ""

    def wear(self, name: str, channels: Mapping[str, Any]) -> bool:
        """Take where a sensor's channels are worn; it may be named before the sensor is. Says whether it was moved."""
        before, self._worn[name] = self._worn.get(name, {}), channels
        if name in self.devices:
            self.devices[name].wear(channels)
        return any(quantity in before and before[quantity] != row for quantity, row in channels.items())

    def link(self, name: str, state: str, now_s: float) -> list[Event]:
        """Act on a link that was ``connected`` or ``lost``."""
        device = self.devices.get(name)
        if device is None:
            return []
        if state == "connected":
            device.connected()
            self._restart(name)
        else:
            device.streaming, device.away = False, True
        return [_changed(device, state, now_s)]

    def take(self, packet: Packet, epoch_ns: int, now_s: float, entry: int = 0) -> list[Event]:
        """Take the next packet of a sensor that is known; `entry` is its number where nobody is told, else 0."""
        device = self.devices.get(packet.device)
        if device is None:
            return []
        return self._timed(device, device.take(packet, epoch_ns), now_s, entry)

    def take_block(self, device: DeviceIntake, block: SampleBlock, epoch_ns: int, now_s: float, entry: int) -> None:
        """Take a block of a packet that was decoded before."""
        self._timed(device, device.time(block, epoch_ns), now_s, entry)

    def take_run(self, run: TimedRun) -> Iterator[tuple[EmgTrack | ImuTrack, float, Array]]:
        """Take blocks of a stream whose tracks are there, each used by no other.

        Yields each of them, its `newest_s` before, and after each block, (n,).
        """
        stream = run.stream
        if stream.quantity in MOTION_QUANTITIES:
            imu = self.imus[stream.device, stream.quantity]
            before_s = imu.newest_s
            yield imu, before_s, imu.add_many(run)
        if stream.quantity in MUSCLE_QUANTITIES:
            for channel, place in enumerate(stream.placements):
                if place is not None:
                    track = self.emg[place]
                    before_s = track.newest_s
                    yield track, before_s, track.later_many(run, channel)

    def _timed(self, device: DeviceIntake, blocks: Iterable[TimedBlock], now_s: float, entry: int) -> list[Event]:
        events: list[Event] = []
        for block in blocks:
            if not device.streaming:
                device.streaming = True
                events.append(_changed(device, "streaming", now_s))
            events += self._block(block, entry)
        return events

    def _block(self, block: TimedBlock, entry: int) -> list[Event]:
        stream = block.stream
        self.shaking.add(block)
        if stream.quantity in MOTION_QUANTITIES:
            imu = self.imus.get((stream.device, stream.quantity))
            if imu is None or imu.stream.placements != stream.placements:
                self.settle()
            if imu is None:
                imu = self.imus[stream.device, stream.quantity] = ImuTrack(stream, self.moment)
                self.tracks.append(imu)
            imu.add(block, entry)
        if stream.quantity == "ecg":
            heart = self.hearts.setdefault(stream.device, HeartTrack(stream.fs_hz))
            for beat_s in heart.add(block):
                self.settle()
                for track in self.emg.values():
                    track.beat(beat_s)
        return self._muscles(block, entry) if stream.quantity in MUSCLE_QUANTITIES else []

    def _muscles(self, block: TimedBlock, entry: int) -> list[Event]:
        events: list[Event] = []
        stream = block.stream
        for channel, place in enumerate(stream.placements):
            if place is None:
                continue
            if place not in self.emg:
                self.settle()
                raw = stream.quantity == "emg"
                self.emg[place] = EmgTrack(place, stream.unit, stream.fs_hz, stream.device, raw, self.moment)
                self.tracks.append(self.emg[place])
            track = self.emg[place]
            if entry:
                track.later(block, channel, entry)
            else:
                events += [track.add(block, channel), *track.changed]
        return events

    def _restart(self, device: str) -> None:
        for stream in self.devices[device].streams:
            if stream.quantity in MOTION_QUANTITIES:
                self.imus[stream.device, stream.quantity].gravity.restart()
            if stream.quantity == "ecg":
                self.hearts[stream.device].restart()
            for place in stream.placements:
                if stream.quantity in MUSCLE_QUANTITIES and place in self.emg:
                    self.emg[place].restart()

    def forget_before(self, time_s: float) -> None:
        """Drop what is older from all tracks."""
        for emg in self.emg.values():
            emg.hops.forget_before(time_s)
        for imu in self.imus.values():
            imu.forget_before(time_s)

    def quality(self, now_s: float) -> tuple[ChannelQuality, ...]:
        """Return what was lost of each channel, and what its signal says about it."""
        noise = {place: track.noise for place, track in self.emg.items()}
        return tuple(self._graded(q) for device in self.devices.values() for q in device.quality(now_s, noise))

    def _graded(self, channel: ChannelQuality) -> ChannelQuality:
        """Add what the signal itself says about an EMG channel."""
        if channel.quantity not in MUSCLE_QUANTITIES:
            return channel
        letter = device_class(channel.fs_hz, channel.unit, raw=channel.quantity == "emg").letter
        track = self.emg.get(channel.placement) if channel.placement else None
        if track is None:
            return replace(channel, device_class=letter)
        hum = track.chain.mains.hum
        return replace(
            channel,
            masked=track.masked,
            flags=track.flags,
            device_class=letter,
            mains_hz=hum.f0_hz if hum else math.nan,
            notch_hz=track.chain.notch_hz,
        )


def _changed(device: DeviceIntake, state: str, now_s: float) -> DeviceChanged:
    return DeviceChanged(now_s, device.device, state, device.placements, device.decoder.battery_percent)
