"""What the simulated sensor says of itself: texts, description, and the settings that it offers."""

import struct

from firmware_sim import profile
from firmware_sim.physiology import HARDWARE_BAND_HZ
from firmware_sim.profile import Tag, tlv
from firmware_sim.sampling import (
    ACC_COUNTS_PER_G,
    EMG,
    EMG_UV_PER_COUNT,
    FULL_SCALE,
    GYRO_COUNTS_PER_DPS,
    IMU,
    Settings,
)

CRYSTAL_PPM = 60
GAIN = 12
ACC_RANGE_G, GYRO_RANGE_DPS = 8, 2000
AXES_TEXT = "x along the segment, y mediolateral, z away from the skin"
TEXTS = {
    profile.MANUFACTURER: "emgmon",
    profile.MODEL: "EMG Stream simulator",
    profile.FIRMWARE: "1.0.0",
    profile.HARDWARE: "simulated",
}
KINDS = {EMG.stream: EMG, IMU.stream: IMU}


def description(label: str, streams: tuple[int, ...]) -> bytes:
    """Value of the description characteristic of a sensor with these streams.

    The IMU's two scales are acceleration, then gyroscope; it bears the label where there is no EMG.
    """
    low_hz, high_hz = HARDWARE_BAND_HZ
    emg = [
        tlv(Tag.CHANNELS, b"\x01"),
        tlv(Tag.RATE, struct.pack("<3H", *EMG.rates_hz)),
        tlv(Tag.CODING, b"\x00"),
        tlv(Tag.SCALE, struct.pack("<f", EMG_UV_PER_COUNT)),
        tlv(Tag.SIGNAL_KIND, b"\x00"),
        tlv(Tag.CORNERS, struct.pack("<2H", round(low_hz * 10), round(high_hz * 10))),
        tlv(Tag.RANGE, struct.pack("<f", FULL_SCALE * EMG_UV_PER_COUNT / 1000)),
        tlv(Tag.GAIN, struct.pack("<H", GAIN)),
        tlv(Tag.CLOCK_PPM, struct.pack("<H", CRYSTAL_PPM)),
        tlv(Tag.LABEL, label.encode()),
        tlv(Tag.PACKET_SAMPLES, bytes((EMG.max_packet_samples,))),
    ]
    imu = [
        tlv(Tag.CHANNELS, bytes((IMU.columns,))),
        tlv(Tag.RATE, struct.pack("<2H", *IMU.rates_hz)),
        tlv(Tag.CODING, b"\x00"),
        tlv(Tag.SCALE, struct.pack("<f", 1 / ACC_COUNTS_PER_G)),
        tlv(Tag.SCALE, struct.pack("<f", 1 / GYRO_COUNTS_PER_DPS)),
        tlv(Tag.SIGNAL_KIND, b"\x00"),
        tlv(Tag.CLOCK_PPM, struct.pack("<H", CRYSTAL_PPM)),
        tlv(Tag.AXES, AXES_TEXT.encode()),
        tlv(Tag.PACKET_SAMPLES, bytes((IMU.max_packet_samples,))),
    ]
    if EMG.stream not in streams:
        imu.append(tlv(Tag.LABEL, label.encode()))
    elements = {EMG.stream: b"".join(emg), IMU.stream: b"".join(imu)}
    return profile.description([(stream, elements[stream]) for stream in streams])


def factory_settings(streams: tuple[int, ...]) -> dict[int, Settings]:
    """Give the settings after a boot: EMG 1 kHz in packets of 25 ms, IMU 100 Hz in packets of 50 ms."""
    settings = {EMG.stream: Settings(1000, 25), IMU.stream: Settings(100, 5)}
    return {stream: settings[stream] for stream in streams}


def offered_settings(stream: int) -> dict[int, range | tuple[int, ...]]:
    """Tags that can be set for a stream, and the values offered.

    The filters are hardware: their only offered value is the corner that they have, in 0.1 Hz as in the
    description; notch 0 means none.
    """
    kind = KINDS[stream]
    common: dict[int, range | tuple[int, ...]] = {
        Tag.RATE: kind.rates_hz,
        Tag.PACKET_SAMPLES: range(1, kind.max_packet_samples + 1),
    }
    if kind is EMG:
        low, high = (round(corner_hz * 10) for corner_hz in HARDWARE_BAND_HZ)
        return common | {
            Tag.GAIN: (GAIN,),
            Tag.HIGH_PASS: (low,),
            Tag.LOW_PASS: (high,),
            Tag.NOTCH: (0,),
            Tag.CHANNEL_MASK: (EMG.mask,),
        }
    return common | {Tag.ACC_RANGE: (ACC_RANGE_G,), Tag.GYRO_RANGE: (GYRO_RANGE_DPS,)}
