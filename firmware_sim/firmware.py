"""A sensor without a radio: its own clock, control point and streams, bytes in and out.

Whoever plays the radio calls `read`, `write`, `advance` and `disconnected`; nothing here waits, and nothing
here knows the host's time. World time is the simulation's, in seconds; device time is the sensor's crystal.
"""

import struct
from collections.abc import Callable
from typing import ClassVar

import numpy as np

from firmware_sim import profile
from firmware_sim.capabilities import (
    CRYSTAL_PPM,
    GAIN,
    KINDS,
    TEXTS,
    description,
    factory_settings,
    offered_settings,
)
from firmware_sim.conditions import Clock, Conditions
from firmware_sim.control import RefusedError, one, streams_of, unsupported
from firmware_sim.physiology import BodySignals
from firmware_sim.profile import Op, Status, Tag, tlv
from firmware_sim.sampling import EMG, IMU, Run, Settings
from firmware_sim.sensors.base import (
    ATT_HEADER_BYTES,
    ATTRIBUTE_NOT_FOUND,
    INVALID_LENGTH,
    READ_NOT_PERMITTED,
    SMALLEST_MTU,
    WRITE_NOT_PERMITTED,
    Advertisement,
    AttError,
    GattEntry,
    HostStep,
    Read,
    Subscribe,
    Write,
)
from firmware_sim.wearer import MUSCLES, Site

STATUS_EVERY_S = 1.0
BATTERY_LOW_PERCENT = 5
BATTERY_S_PER_PERCENT = 600.0
LARGEST_MTU = 247
LABEL_BYTES = 20

SENSOR_SITES: dict[str, Site] = {
    f"EMG-{group}{side[0].upper()}": (muscle, side)
    for group, muscle in zip("GHE", MUSCLES, strict=True)
    for side in ("left", "right")
}


class Sensor:
    """One wearable with an EMG and an IMU stream, or with an IMU alone.

    Parameters
    ----------
    name : str
        Advertised name: a key of `SENSOR_SITES`, or any where `site` is given.
    signals : BodySignals
        What there is to measure.
    seed : int
        Draws crystal error (up to ±60 ppm), clock offset, serial number and battery.
    label : str, optional
        Text of description tag 10; muscle/side when absent.
    site : tuple of str, optional
        Muscle or body site, and side; by the name when absent.
    motion_only : bool
        Without EMG.

    Attributes
    ----------
    clock : Clock
        Truth about device time.
    conditions : Conditions
        Charger, battery, electrode, beginning of the script: set from outside at any time.
    powered : bool
        False after the host has switched the sensor off.
    identify_until_s : float
        World time until which the lamp blinks.
    """

    driver: ClassVar[str] = "emgmon_gatt"
    interval_s: ClassVar[float | None] = None

    def __init__(
        self,
        name: str,
        signals: BodySignals,
        *,
        seed: int = 0,
        label: str | None = None,
        site: Site | None = None,
        motion_only: bool = False,
    ) -> None:
        self.name = name
        self.site = site or SENSOR_SITES[name]
        self.label = "/".join(self.site) if label is None else label
        number = list(SENSOR_SITES).index(name) if name in SENSOR_SITES else len(SENSOR_SITES) + sum(name.encode())
        rng = np.random.default_rng([seed, 6, number])
        self.clock = Clock(float(rng.uniform(-CRYSTAL_PPM, CRYSTAL_PPM)), int(rng.integers(0, 60_000_000)), 0.0)
        self.conditions = Conditions(battery_percent=float(rng.uniform(70.0, 96.0)))
        self.serial = f"SIM{rng.integers(0, 10**6):06d}"
        self.powered = True
        self._signals = signals
        self._streams = (IMU.stream,) if motion_only else (EMG.stream, IMU.stream)
        self._settings = factory_settings(self._streams)
        self._runs: dict[int, Run] = {}
        self.identify_until_s = 0.0
        self._now_s = self._held_until_s = self._status_s = 0.0
        self._reported_battery = self._reported_electrodes = 0
        self._packets_dropped = self._samples_dropped = 0
        self._operations: dict[int, Callable[[bytes, int], bytes]] = {
            Op.GET_CONFIG: self._get_config,
            Op.SET_CONFIG: self._set_config,
            Op.START: self._start,
            Op.TIME_ECHO: self._time_echo,
            Op.IDENTIFY: self._identify,
            Op.SET_LABEL: self._set_label,
            Op.TEST_SIGNAL: self._test_signal,
            Op.ELECTRODE_CHECK: self._electrode_check,
            Op.POWER_OFF: self._power_off,
        }

    @property
    def gatt_table(self) -> tuple[GattEntry, ...]:
        """Services and characteristics of the profile; those of the EMG stay silent on a sensor without it."""
        return profile.GATT_TABLE

    @property
    def largest_mtu(self) -> int:
        """Largest MTU, bytes."""
        return LARGEST_MTU

    @property
    def address(self) -> str | None:
        """Any address will do."""
        return None

    def book(self) -> tuple[HostStep, ...]:
        """Read description and battery, start; the answers say all, so that what was written is not recorded."""
        start = bytes((Op.START, sum(self._streams)))
        said = (entry.uuid for entry in profile.GATT_TABLE if {"notify", "indicate"} & set(entry.properties))
        return (
            *(Subscribe(uuid) for uuid in said),
            Read(profile.DESCRIPTION),
            Read(profile.BATTERY_LEVEL),
            Write(profile.CONTROL, start, recorded=False),
        )

    def connected(self, world_s: float, interval_s: float) -> None:
        """Learn that a host is there, which changes nothing."""

    def subscribed(self, uuid: str, on: bool, mtu: int, world_s: float) -> None:
        """Learn that the host listens, which the table asks for before the control point may be written."""

    def advertisement(self) -> Advertisement:
        """Fields to advertise now; service data: version, battery percent, muscle code, state.

        Muscle code: 1 to 3 in the order of `MUSCLES`, 0 elsewhere, bit 7 on the right. State: 0 ready, 1 streaming,
        2 charging.
        """
        muscle = MUSCLES.index(self.site[0]) + 1 if self.site[0] in MUSCLES else 0
        muscle += 0x80 if self.site[1] == "right" else 0
        state = 2 if self.conditions.charging else int(bool(self._runs))
        data = bytes((profile.PROFILE_VERSION, self._battery(), muscle, state))
        return Advertisement(self.name, (profile.SERVICE,), {profile.SERVICE: data})

    def read(self, uuid: str) -> bytes:
        """Value of a readable characteristic, as of the last `advance` or `write`."""
        if uuid in TEXTS:
            return TEXTS[uuid].encode()
        if uuid == profile.SERIAL:
            return self.serial.encode()
        if uuid == profile.DESCRIPTION:
            return description(self.label, self._streams)
        if uuid == profile.STATUS:
            return self._status()
        if uuid == profile.BATTERY_LEVEL:
            return bytes((self._battery(),))
        known = any(entry.uuid == uuid for entry in profile.GATT_TABLE)
        raise AttError(READ_NOT_PERMITTED if known else ATTRIBUTE_NOT_FOUND)

    def write(self, uuid: str, data: bytes, mtu: int, world_s: float) -> list[tuple[str, bytes]]:
        """Carry out a write to the control point; the values to send in answer, in order."""
        if uuid != profile.CONTROL:
            raise AttError(WRITE_NOT_PERMITTED)
        if not data:
            raise AttError(INVALID_LENGTH)
        self._now_s = world_s
        op, parameters = data[0], data[1:]
        rest: list[tuple[str, bytes]] = []
        try:
            if op == Op.STOP:
                rest = self._stop(parameters)
                result = b""
            else:
                result = self._operations.get(op, unsupported)(parameters, mtu)
        except RefusedError as refused:
            return [(profile.CONTROL, profile.answer(op, refused.status))]
        return [*rest, (profile.CONTROL, profile.answer(op, Status.SUCCESS, result))]

    def advance(self, world_s: float, *, air: bool = True) -> list[tuple[float, str, bytes]]:
        """Sample up to `world_s`; what is ready to send as (world time, UUID, value), in order of time.

        With `air=False` the link takes nothing: samples wait in the ring, and after 0.5 s the oldest go.
        """
        self._now_s = world_s
        for run in self._runs.values():
            if not air or world_s >= run.due_s:  # sampling for each packet at once is cheaper
                run.sample(world_s)
            if not air:
                lost = run.drop_oldest()
                self._samples_dropped += lost
                self._packets_dropped += -(-lost // run.settings.packet_samples)
        if not air:
            self._held_until_s = world_s
            return []
        sent = [
            (max(ready_s, self._held_until_s), run.kind.port, packet)
            for run in self._runs.values()
            for ready_s, packet in run.packets()
        ]
        if self._runs:
            sent += self._notices(world_s)
        sent.sort(key=lambda packet: packet[0])
        return sent

    def next_due_s(self) -> float | None:
        """World time at which the next packet will be ready; None while nothing streams."""
        return min((run.due_s for run in self._runs.values()), default=None)

    def disconnected(self) -> None:
        """Stop all streams, because the link is gone; settings and label stay."""
        self._runs.clear()

    def restart(self, world_s: float) -> None:
        """Boot anew, as after a changed battery: device time, counters and settings begin again."""
        self._runs.clear()
        self.clock = Clock(self.clock.ppm, 0, world_s)
        self._settings = factory_settings(self._streams)
        self._now_s = self._held_until_s = self._status_s = world_s
        self._packets_dropped = self._samples_dropped = 0
        self.powered = True

    # Control point: each operation takes its parameters and the MTU, and gives the answer's parameters.

    def _get_config(self, parameters: bytes, _mtu: int) -> bytes:
        stream = one(parameters)
        settings = self._known(stream)
        rate = tlv(Tag.RATE, struct.pack("<H", settings.rate_hz))
        gain = tlv(Tag.GAIN, struct.pack("<H", GAIN)) if stream == EMG.stream else b""
        return rate + gain + tlv(Tag.PACKET_SAMPLES, bytes((settings.packet_samples,)))

    def _set_config(self, parameters: bytes, _mtu: int) -> bytes:
        if not parameters:
            raise RefusedError(Status.INVALID_PARAMETER)
        stream = parameters[0]
        settings = self._known(stream)
        try:
            elements = [(tag, int.from_bytes(value, "little")) for tag, value in profile.split_tlv(parameters[1:])]
        except ValueError as error:
            raise RefusedError(Status.INVALID_PARAMETER) from error
        if stream in self._runs:
            raise RefusedError(Status.WRONG_STATE)
        offered = offered_settings(stream)
        for tag, value in elements:
            if tag not in offered or (tag == Tag.PACKET_SAMPLES and value == 0):
                raise RefusedError(Status.INVALID_PARAMETER)
            if value not in offered[tag]:
                raise RefusedError(Status.NOT_OFFERED)
        wanted = dict(elements)
        settings.rate_hz = wanted.get(Tag.RATE, settings.rate_hz)
        settings.packet_samples = wanted.get(Tag.PACKET_SAMPLES, settings.packet_samples)
        settings.changed = True
        return b""

    def _start(self, parameters: bytes, mtu: int) -> bytes:
        streams = streams_of(parameters)
        if any(stream in self._runs for stream in streams):
            raise RefusedError(Status.WRONG_STATE)
        if self.conditions.charging:
            raise RefusedError(Status.CHARGER_CONNECTED)
        if self._battery() < BATTERY_LOW_PERCENT:
            raise RefusedError(Status.BATTERY_LOW)
        for stream in streams:
            settings = self._known(stream)
            size = 14 + settings.packet_samples * KINDS[stream].columns * 2
            if size + ATT_HEADER_BYTES > mtu or (mtu <= SMALLEST_MTU and settings.rate_hz > 100):
                raise RefusedError(Status.MTU_TOO_SMALL)
        self._status_s = self._now_s
        for stream in streams:
            self._runs[stream] = Run(
                KINDS[stream], self._settings[stream], self.clock, self._signals, self.conditions, self._now_s
            )
        return self._device_time()

    def _stop(self, parameters: bytes) -> list[tuple[str, bytes]]:
        """Stop streams; samples taken until now leave as a last, shorter packet."""
        streams = streams_of(parameters)
        if any(stream not in self._runs for stream in streams):
            raise RefusedError(Status.WRONG_STATE)
        rest = []
        for stream in streams:
            run = self._runs.pop(stream)
            run.sample(self._now_s)
            rest += [(run.kind.port, packet) for _, packet in run.packets(rest=True)]
        return rest

    def _time_echo(self, parameters: bytes, _mtu: int) -> bytes:
        if len(parameters) != 4:
            raise RefusedError(Status.INVALID_PARAMETER)
        return parameters + self._device_time()

    def _identify(self, parameters: bytes, _mtu: int) -> bytes:
        self.identify_until_s = self._now_s + one(parameters)
        return b""

    def _set_label(self, parameters: bytes, _mtu: int) -> bytes:
        if not 1 <= len(parameters) <= LABEL_BYTES:
            raise RefusedError(Status.INVALID_PARAMETER)
        try:
            self.label = parameters.decode()
        except UnicodeDecodeError as error:
            raise RefusedError(Status.INVALID_PARAMETER) from error
        return b""

    def _test_signal(self, parameters: bytes, _mtu: int) -> bytes:
        if len(parameters) != 2 or parameters[1] > 1:
            raise RefusedError(Status.INVALID_PARAMETER)
        settings = self._known(parameters[0])
        settings.test_signal = bool(parameters[1])
        settings.changed = True
        return b""

    def _electrode_check(self, parameters: bytes, _mtu: int) -> bytes:
        if parameters:
            raise RefusedError(Status.INVALID_PARAMETER)
        return bytes((int(self.conditions.lifted(self._now_s)),))

    def _power_off(self, parameters: bytes, _mtu: int) -> bytes:
        if parameters:
            raise RefusedError(Status.INVALID_PARAMETER)
        self._runs.clear()
        self.powered = False
        return b""

    # Values

    def _known(self, stream: int) -> Settings:
        if stream not in self._settings:
            raise RefusedError(Status.INVALID_PARAMETER)
        return self._settings[stream]

    def _device_time(self) -> bytes:
        return struct.pack("<I", self.clock.device_us(self._now_s) & 0xFFFFFFFF)

    def _battery(self) -> int:
        return max(0, int(self.conditions.battery_percent - self._now_s / BATTERY_S_PER_PERCENT))

    def _status(self) -> bytes:
        return profile.status_value(
            device_us=self.clock.device_us(self._now_s),
            packets_dropped=self._packets_dropped,
            samples_dropped=self._samples_dropped,
            electrodes=int(self.conditions.lifted(self._now_s)),
            error=0,
            battery=self._battery(),
        )

    def _notices(self, world_s: float) -> list[tuple[float, str, bytes]]:
        """Status each second and when the electrode changed; battery when its percentage changed."""
        notices = []
        electrodes, battery = int(self.conditions.lifted(world_s)), self._battery()
        if world_s >= self._status_s + STATUS_EVERY_S or electrodes != self._reported_electrodes:
            notices.append((world_s, profile.STATUS, self._status()))
            self._status_s, self._reported_electrodes = world_s, electrodes
        if battery != self._reported_battery:
            notices.append((world_s, profile.BATTERY_LEVEL, bytes((battery,))))
            self._reported_battery = battery
        return notices
