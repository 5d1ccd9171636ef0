"""WitMotion WT901BLE and its kin: acceleration and angular velocity as a stream of bytes.

After the maker's example. Frames of 20 bytes begin with ``55 61`` (motion) or ``55 71`` (answer to a register read) and
need not coincide with notifications. There is no check, counter or time in them. Numbers are little-endian int16.
"""

from __future__ import annotations

import numpy as np

from emgmon.devices.base import Advertisement, Driver, Handshake, Pause, StreamSettings, Subscribe, Write
from emgmon.devices.counting import ArrivalCounter
from emgmon.devices.facts import facts_of
from emgmon.devices.framing import FixedFrames, Flags, Octets
from emgmon.errors import HandshakeFailed, PacketError
from emgmon.model import Array, Packet, SampleBlock, Stream

FACTS = facts_of("witmotion")
SERVICE = "0000ffe5-0000-1000-8000-00805f9a34fb"
NOTIFY = "0000ffe4-0000-1000-8000-00805f9a34fb"
COMMANDS = "0000ffe9-0000-1000-8000-00805f9a34fb"

UNLOCK = bytes.fromhex("FF AA 69 88 B5")
RATE_CODES = {10.0: 0x06, 20.0: 0x07, 50.0: 0x08, 100.0: 0x09, 200.0: 0x0B}

SIZE, HEAD, MOTION, REGISTER = 20, 0x55, 0x61, 0x71
CONFIRM = 2
LEARN_S = 1.0
"""How long samples are held at the start until their rate is plain."""


def recognises(advertisement: Advertisement) -> bool:
    """Whether a sensor advertises the maker's service, or a name of the maker's; the handshake checks the latter."""
    return SERVICE in advertisement.service_uuids or advertisement.name.startswith(("WT", "BWT"))


def handshake(settings: StreamSettings) -> Handshake:
    """Ask for a rate; the sensor streams as soon as it is subscribed to."""
    if settings.ports and NOTIFY not in settings.ports:
        raise HandshakeFailed("this is no WitMotion sensor: it lacks the maker's service")
    rate_hz = FACTS.signals["acceleration"].nearest_hz(settings.imu_hz)
    confirmed = "write" in settings.ports.get(COMMANDS, ("write",))
    yield Write(COMMANDS, UNLOCK, confirmed)
    yield Pause(0.1)
    yield Write(COMMANDS, bytes([0xFF, 0xAA, 0x03, RATE_CODES[rate_hz], 0x00]), confirmed)
    yield Pause(0.1)
    yield Subscribe(NOTIFY)


def begins_frame(frames: Octets) -> Flags:
    """Which of (n, 20) bytes begin as a frame does; vectorised."""
    return np.asarray((frames[:, 0] == HEAD) & ((frames[:, 1] == MOTION) | (frames[:, 1] == REGISTER)))


class WitMotionDecoder:
    """Decoder of one sensor.

    The rate is the offered one that fits the arrivals of the first second, as the codes that set it were not checked;
    samples wait until then.
    """

    loss_evidence = FACTS.loss_evidence
    clock_ppm = FACTS.clock_ppm
    battery_percent: int | None = None

    def __init__(self, device: str) -> None:
        self.device = device
        self._stream: Stream | None = None
        self._frames = FixedFrames(SIZE, begins_frame, CONFIRM)
        self._counter: ArrivalCounter | None = None
        self._waiting: list[tuple[int, Array]] = []

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The stream, once its rate is known."""
        return (self._stream,) if self._stream else ()

    def restart(self) -> None:
        """Forget the running index, the rate and what is left of a frame: the sensor was connected anew."""
        self._frames.clear()
        self._counter = None
        self._waiting.clear()

    def decode(self, packet: Packet) -> list[SampleBlock]:
        """Turn one packet into blocks; see `emgmon.devices.base.Decoder`."""
        if packet.port != NOTIFY:
            return []
        frames = self._frames.feed(packet.payload)
        if not len(frames) and self._frames.skipped >= SIZE:  # what begins in the middle of a frame is no damage
            raise PacketError("no frame in what the sensor sent", packet.payload)
        motion = frames[frames[:, 1] == MOTION]
        if not len(motion):
            return []
        counts = np.ascontiguousarray(motion[:, 2:14]).view("<i2")
        samples = np.concatenate(
            [
                FACTS.signals["acceleration"].values(counts[:, :3]),
                FACTS.signals["angular_velocity"].values(counts[:, 3:]),
            ],
            axis=1,
        )
        if self._counter is None:
            return self._learn(samples, packet.host_ns)
        return [self._block(samples, packet.host_ns)]

    def _learn(self, samples: Array, host_ns: int) -> list[SampleBlock]:
        """Hold samples until a second has passed, then hand them out with the rate that they came at."""
        self._waiting.append((host_ns, samples))
        length_s = (host_ns - self._waiting[0][0]) * 1e-9
        if length_s < LEARN_S:
            return []
        n = sum(len(rows) for _host_ns, rows in self._waiting[1:])
        rate_hz = FACTS.signals["acceleration"].nearest_hz(n / length_s)
        self._stream = Stream(self.device, "imu", "g,dps", rate_hz, (None,))
        self._counter = ArrivalCounter(rate_hz)
        waiting, self._waiting = self._waiting, []
        return [self._block(rows, arrival_ns) for arrival_ns, rows in waiting]

    def _block(self, samples: Array, host_ns: int) -> SampleBlock:
        assert self._stream is not None  # noqa: S101 - both are set together
        assert self._counter is not None  # noqa: S101
        first = self._counter.take(len(samples), host_ns)
        return SampleBlock(self._stream, samples, first, first / self._stream.fs_hz, host_ns)


DRIVER = Driver("witmotion", FACTS.title, recognises, handshake, WitMotionDecoder)
