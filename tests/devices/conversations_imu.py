"""Conversations of sensors of movement, played from their documents: see `conversations`."""

import struct

from devices.conversing import Conversation

from emgmon.devices import Advertisement
from emgmon.devices.base import Read, Request

# --- Movella DOT ----------------------------------------------------------------------------------------------------

DOT = "1517{:04x}-4947-11e9-8646-d663bd873d93"


def dot_says(step):
    if isinstance(step, Read):
        settings = bytearray(32)
        settings[24] = 60
        return [(step.port, bytes(settings) if step.port == DOT.format(0x1002) else b"\x57\x00")]
    return []


def dot_data(k):
    time_us = (round(k * 1e6 / 60) + 0xFFF00000) % (1 << 32)
    values = struct.pack("<10f", 1, 0, 0, 0, 0, 0, 9.80665, 0.5 * (k % 90), 0, 0)
    return [(DOT.format(0x2002), struct.pack("<I", time_us) + values + bytes(19))]


MOVELLA_DOT = Conversation(
    "movella_dot", Advertisement("Movella DOT", manufacturer_data={0x0886: b"\0"}), dot_says, dot_data, 1, 1 / 60,
    quantity="imu",
)  # fmt: skip

# --- MetaMotion -----------------------------------------------------------------------------------------------------

METAWEAR = "326a900{}-85cb-9195-d9dd-464cfbbae75a"
METAWEAR_ANSWERS = {"0380": "03 80 04 00", "1380": "13 80 01 00", "118c": "11 8c 63 34 10"}


def metamotion_says(step):
    if isinstance(step, Request):
        return [(METAWEAR.format(6), bytes.fromhex(METAWEAR_ANSWERS[step.payload.hex()]))]
    return []


def metamotion_data(k):
    acc = struct.pack("<9h", *(n + k % 100 for n in range(9)))
    gyro = struct.pack("<9h", *(-n - k % 100 for n in range(9)))
    return [(METAWEAR.format(6), b"\x03\x05" + acc), (METAWEAR.format(6), b"\x13\x05" + gyro)]


METAMOTION = Conversation(
    "metamotion", Advertisement("MetaWear", (METAWEAR.format(0),)), metamotion_says, metamotion_data, 3, 0.03,
    quantity="imu", mtu_23="works",
)  # fmt: skip

# --- WitMotion ------------------------------------------------------------------------------------------------------

WITMOTION_NOTIFY = "0000ffe4-0000-1000-8000-00805f9a34fb"


def witmotion_data(k):
    """Four frames each 40 ms, as a link hands them on."""
    return [
        (WITMOTION_NOTIFY, b"\x55\x61" + struct.pack("<9h", n % 100, 0, 2048, 164, -164, 0, 0, 0, 0))
        for n in range(4 * k, 4 * k + 4)
    ]


WITMOTION = Conversation(
    "witmotion", Advertisement("WT901BLE68"), lambda _step: [], witmotion_data, 4, 0.04,
    quantity="imu", whole=False, framing_needs=27, mtu_23="works",
)  # fmt: skip

IMU_SENSORS = (MOVELLA_DOT, METAMOTION, WITMOTION)
