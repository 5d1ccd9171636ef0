"""The bytes of the "EMG Stream" GATT profile, version 1: UUIDs, GATT table, TLV, packets.

Written from the profile's document alone, with its own literals, so that a renumbered constant in the
program under test cannot go unnoticed. All numbers are little-endian.
"""

import struct
from enum import IntEnum, IntFlag

from firmware_sim.sensors.base import GattEntry

PROFILE_VERSION = 1

SERVICE = "c3310001-2714-438a-ab5f-5cbde8590098"
DESCRIPTION = "c3310002-2714-438a-ab5f-5cbde8590098"
CONTROL = "c3310003-2714-438a-ab5f-5cbde8590098"
EMG_DATA = "c3310004-2714-438a-ab5f-5cbde8590098"
IMU_DATA = "c3310005-2714-438a-ab5f-5cbde8590098"
STATUS = "c3310006-2714-438a-ab5f-5cbde8590098"

BATTERY_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb"
BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"
DEVICE_INFORMATION = "0000180a-0000-1000-8000-00805f9b34fb"
MANUFACTURER = "00002a29-0000-1000-8000-00805f9b34fb"
MODEL = "00002a24-0000-1000-8000-00805f9b34fb"
SERIAL = "00002a25-0000-1000-8000-00805f9b34fb"
FIRMWARE = "00002a26-0000-1000-8000-00805f9b34fb"
HARDWARE = "00002a27-0000-1000-8000-00805f9b34fb"

EMG_STREAM, IMU_STREAM = 1, 2  # stream ids; as a mask in `start` and `stop` they are the same bits


class Op(IntEnum):
    """Operations of the control point."""

    GET_CONFIG = 0x01
    SET_CONFIG = 0x02
    START = 0x03
    STOP = 0x04
    TIME_ECHO = 0x05
    IDENTIFY = 0x06
    SET_LABEL = 0x07
    TEST_SIGNAL = 0x08
    ELECTRODE_CHECK = 0x09
    POWER_OFF = 0x0A


class Status(IntEnum):
    """Answers of the control point."""

    SUCCESS = 1
    OP_NOT_SUPPORTED = 2
    INVALID_PARAMETER = 3
    FAILED = 4
    WRONG_STATE = 5
    NOT_OFFERED = 6
    MTU_TOO_SMALL = 7
    BATTERY_LOW = 8
    CHARGER_CONNECTED = 9
    HARDWARE_FAULT = 10
    BUSY = 11


class Tag(IntEnum):
    """Tags of description and configuration."""

    CHANNELS = 1
    RATE = 2
    CODING = 3
    SCALE = 4
    SIGNAL_KIND = 5
    CORNERS = 6
    RANGE = 7
    GAIN = 8
    CLOCK_PPM = 9
    LABEL = 10
    AXES = 11
    PACKET_SAMPLES = 12
    HIGH_PASS = 13
    LOW_PASS = 14
    NOTCH = 15
    ACC_RANGE = 16
    GYRO_RANGE = 17
    CHANNEL_MASK = 18


class Flag(IntFlag):
    """Flags of a data packet."""

    DROPPED_BEFORE = 1
    ELECTRODE_OFF = 2
    SATURATED = 4
    TEST_SIGNAL = 8
    SETTINGS_CHANGED = 16


GATT_TABLE = (
    GattEntry(SERVICE, DESCRIPTION, ("read",)),
    GattEntry(SERVICE, CONTROL, ("write", "indicate"), needs_listener=True),
    GattEntry(SERVICE, EMG_DATA, ("notify",)),
    GattEntry(SERVICE, IMU_DATA, ("notify",)),
    GattEntry(SERVICE, STATUS, ("read", "notify")),
    GattEntry(BATTERY_SERVICE, BATTERY_LEVEL, ("read", "notify")),
    GattEntry(DEVICE_INFORMATION, MANUFACTURER, ("read",)),
    GattEntry(DEVICE_INFORMATION, MODEL, ("read",)),
    GattEntry(DEVICE_INFORMATION, SERIAL, ("read",)),
    GattEntry(DEVICE_INFORMATION, FIRMWARE, ("read",)),
    GattEntry(DEVICE_INFORMATION, HARDWARE, ("read",)),
)


def tlv(tag: Tag, value: bytes) -> bytes:
    """One element: tag, length, value."""
    return bytes((tag, len(value))) + value


def split_tlv(data: bytes) -> list[tuple[int, bytes]]:
    """Elements of a list; raises ValueError where the last one is cut."""
    elements = []
    while data:
        if len(data) < 2 or len(data) < 2 + data[1]:
            raise ValueError(f"torn TLV element: {data.hex()}")
        elements.append((data[0], data[2 : 2 + data[1]]))
        data = data[2 + data[1] :]
    return elements


def description(streams: list[tuple[int, bytes]]) -> bytes:
    """Value of the description characteristic from (stream id, its TLV list) pairs."""
    parts = [bytes((PROFILE_VERSION, len(streams)))]
    parts += [bytes((stream, len(elements))) + elements for stream, elements in streams]
    return b"".join(parts)


def answer(op: int, status: Status, parameters: bytes = b"") -> bytes:
    """Pack the indication that answers an operation."""
    return bytes((0x80, op, status)) + parameters


def data_packet(
    samples: bytes, *, flags: int, sequence: int, first: int, device_us: int, mask: int, count: int
) -> bytes:
    """Header of 14 bytes and int16 samples, sample-major.

    Parameters
    ----------
    samples : bytes
        `count` samples of all channels in `mask`.
    sequence, first, device_us : int
        Packet number, index of the first sample and its device time in µs; they wrap at 16, 32, 32 bits.
    mask : int
        Channels (EMG) or contents (IMU) of each sample.
    """
    sequence, first, device_us = sequence & 0xFFFF, first & 0xFFFFFFFF, device_us & 0xFFFFFFFF
    return struct.pack("<BBHIIBB", 0x10, flags, sequence, first, device_us, mask, count) + samples


def status_value(
    *, device_us: int, packets_dropped: int, samples_dropped: int, electrodes: int, error: int, battery: int
) -> bytes:
    """Value of the status characteristic; counts stop at 65535, `electrodes` has a bit for each one off."""
    dropped = min(packets_dropped, 0xFFFF), min(samples_dropped, 0xFFFF)
    return struct.pack("<IHHBBB", device_us & 0xFFFFFFFF, *dropped, electrodes, error, battery)
