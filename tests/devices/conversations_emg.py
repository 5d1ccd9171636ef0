"""Conversations of sensors of muscle and heart, played from their documents: see `conversations`."""

import struct

from devices.conversing import Conversation

from emgmon.devices import Advertisement
from emgmon.devices.base import Read, Request

BATTERY = ("00002a19-0000-1000-8000-00805f9b34fb", b"\x57")

# --- Polar H10 ------------------------------------------------------------------------------------------------------

PMD = "fb005c8{}-02e7-f387-1cad-8acd2d8df0c8"
PMD_OFFERS = {0: "00 01 82 00 01 01 0e 00", 2: "00 04 19 00 32 00 64 00 c8 00 01 01 10 00 02 03 02 00 04 00 08 00"}


def polar_says(step):
    if isinstance(step, Read):
        return [BATTERY if step.port == BATTERY[0] else (step.port, bytes.fromhex("0f 05 00 00"))]
    if isinstance(step, Request):
        op, kind = step.payload[:2]
        offers = bytes.fromhex(PMD_OFFERS[kind]) if op == 1 else b""
        return [(PMD.format(1), bytes([0xF0, op, kind, 0, 0]) + offers)]
    return []


def polar_data(k):
    last_ns = 599616000_000_000_000 + round((73 * k + 72) * 1e9 / 130)
    ecg = b"".join((30 * n - 1000).to_bytes(3, "little", signed=True) for n in range(73))
    acc_last_ns = 599616000_000_000_000 + round((56 * k + 55) * 1e7)
    acc = struct.pack("<168h", *(n - 50 for n in range(168)))
    return [
        (PMD.format(2), struct.pack("<BQB", 0, last_ns, 0) + ecg),
        (PMD.format(2), struct.pack("<BQB", 2, acc_last_ns, 1) + acc),
    ]


POLAR_H10 = Conversation(
    "polar_h10",
    Advertisement("Polar H10 8C4A1F27", ("0000180d-0000-1000-8000-00805f9b34fb",)),
    polar_says, polar_data, 73, 73 / 130, quantity="ecg", mtu_23="works",
)  # fmt: skip

# --- Movesense ------------------------------------------------------------------------------------------------------

GSP = "3480000{}-7185-4d5d-b431-630e7050e8f0"


def movesense_says(step):
    if isinstance(step, Read):
        return [BATTERY]
    if isinstance(step, Request):
        code, reference = step.payload[:2]
        hello = b"\x01174430000051\0Movesense\x000C:8C:DC:1B:23:BB\0GATT\x001.0.0"
        return [(GSP.format(2), bytes([1, reference]) + (b"\xc8\x00" if code else hello))]
    return []


def movesense_data(k):
    head = struct.pack("<BBI", 2, 0x63, (16 * k * 1000) // 512)
    return [(GSP.format(2), head + struct.pack("<16i", *(1000 * n - 8000 for n in range(16))))]


MOVESENSE = Conversation(
    "movesense", Advertisement("Movesense 174430000051"), movesense_says, movesense_data, 16, 16 / 512
)

# --- Myo ------------------------------------------------------------------------------------------------------------

MYO = "d506{:04x}-a904-deb9-4748-2c7f4a124842"


def myo_says(step):
    if isinstance(step, Read):
        return [BATTERY if step.port == BATTERY[0] else (step.port, bytes.fromhex("01 00 05 00 b2 07 02 00"))]
    return []


def myo_data(k):
    emg = struct.pack("<16b", *((k + 7 * n) % 200 - 100 for n in range(16)))
    motion = struct.pack("<10h", 16384, 0, 0, 0, 0, 0, 2048, 16, -16, 0)
    return [(MYO.format(0x0105 + 0x100 * (k % 4)), emg), *([(MYO.format(0x0402), motion)] if k % 2 else [])]


MYO_ARMBAND = Conversation(
    "myo", Advertisement("Myo", (MYO.format(1),)), myo_says, myo_data, 2, 0.01, round_packets=4, mtu_23="works"
)

# --- BITalino -------------------------------------------------------------------------------------------------------

BITALINO_SERVICE = "c566488a-0882-4e1b-a6d0-0b717e652234"
BITALINO_FRAMES = "40fdba6b-672e-47c4-808a-e529adff3633"
CRC4 = (0, 3, 6, 5, 12, 15, 10, 9, 11, 8, 13, 14, 7, 4, 1, 2)


def bitalino_frame(first, second, number):
    """Two inputs of ten bits, after the firmware's layout."""
    frame = bytearray([second & 255, (first & 63) << 2 | second >> 8, first >> 6, (number & 15) << 4])
    check = 0
    for octet in frame[:3]:
        check = CRC4[CRC4[check] ^ octet >> 4] ^ octet & 15
    frame[3] |= CRC4[CRC4[check] ^ frame[3] >> 4]
    return bytes(frame)


def bitalino_data(k):
    frames = (bitalino_frame((37 * n) % 1024, (512 + n) % 1024, n) for n in range(5 * k, 5 * k + 5))
    return [(BITALINO_FRAMES, b"".join(frames))]


BITALINO = Conversation(
    "bitalino", Advertisement("BITalino BLE", (BITALINO_SERVICE,)), lambda _step: [], bitalino_data, 5, 0.005,
    round_packets=16, whole=False, framing_needs=2, mtu_23="works",
)  # fmt: skip

# --- MyoWare --------------------------------------------------------------------------------------------------------

MYOWARE = Conversation(
    "myoware",
    Advertisement("MyoWareSensor1", ("ec3af789-2154-49f4-a9fc-bc6c88e9e930",)),
    lambda _step: [],
    lambda k: [("f3a56edf-8f1e-4533-93bf-5601b2e91308", f"{k % 900 + 0.25:.2f}".encode())],
    1, 0.01, quantity="envelope", framing_needs=1, mtu_23="works",
)  # fmt: skip

# --- MyoPod ---------------------------------------------------------------------------------------------------------

MYOPOD = "0b0b310{}-feed-dead-bee5-0be9b1091c50"


def myopod_says(step):
    if isinstance(step, Read):
        return [(step.port, bytes.fromhex("00 00 01 31 00 00 c8") + struct.pack(">f", 0.001))]
    return []


def myopod_data(k):
    samples = struct.pack(">10h", *(10 * n - k % 50 for n in range(10)))
    return [(MYOPOD.format(2), struct.pack(">BBBffB", 0, k % 256, 0x31, 0.05 * k, 0.001, 20) + samples)]


MYO_POD = Conversation(
    "myopod", Advertisement("OB2", manufacturer_data={0x0ABA: bytes.fromhex("01 04 00 57 12 34 56 78 00")}),
    myopod_says, myopod_data, 10, 0.05, round_packets=256, mtu_23="works",
)  # fmt: skip

EMG_SENSORS = (POLAR_H10, MOVESENSE, MYO_ARMBAND, BITALINO, MYOWARE, MYO_POD)
