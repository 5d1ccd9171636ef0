"""One conversation for each registered driver; the contract tests run over all of them."""

import struct

from devices.conversations_emg import EMG_SENSORS
from devices.conversations_imu import IMU_SENSORS
from devices.conversing import Conversation

from emgmon.devices import Advertisement
from emgmon.devices.base import Read, Request, Subscribe, Write


def uuid16(short):
    return f"0000{short:04x}-0000-1000-8000-00805f9b34fb"


# --- our own profile ------------------------------------------------------------------------------------------------

OWN = "c331{:04x}-2714-438a-ab5f-5cbde8590098"
OWN_DESCRIPTION = bytes.fromhex(
    "01 01 01 16  01 01 01  02 02 e8 03  03 01 00  04 04 00 00 00 3f  05 01 00  0c 01 73"  # one channel, 0.5 uV
)


def own_says(step):
    if isinstance(step, Read):
        return [(step.port, OWN_DESCRIPTION if step.port == OWN.format(2) else b"\x57")]
    if isinstance(step, Request):
        return [(step.port, bytes([0x80, step.payload[0], 1]))]
    return []


def own_data(k):
    head = struct.pack("<BBHIIBB", 0x10, 0, k % 65536, 25 * k, 25_000 * k, 1, 25)
    return [(OWN.format(4), head + struct.pack("<25h", *(25 * k % 1000 + n for n in range(25))))]


OWN_PROFILE = Conversation(
    "emgmon_gatt", Advertisement("EMG-GL", (OWN.format(1),)), own_says, own_data, 25, 0.025, mtu_23="works"
)

# --- uMyo -----------------------------------------------------------------------------------------------------------

UMYO_TELEMETRY = "fc7a850d-c1a5-f61f-0da7-9995621fbd01"


def umyo_data(k):
    emg = struct.pack("<I", (24 * k + (1 << 32) - 2400) % (1 << 32))
    emg += struct.pack("<24h", *(8000 + (24 * k + n) % 500 for n in range(24)))
    motion = struct.pack("<13h", 0, 0, 16384, 100, -100, 0, 10, -20, 30, 32000, 0, 0, 0)
    return [(UMYO_TELEMETRY, emg), *([(UMYO_TELEMETRY, motion)] if k % 2 else [])]


def umyo_says(step):
    return umyo_data(0) if isinstance(step, Subscribe) else []


UMYO = Conversation("umyo", Advertisement("uMyo-3F"), umyo_says, umyo_data, 24, 24 / 1116)

# --- NPG Lite -------------------------------------------------------------------------------------------------------

NPG_DATA = "beb5483e-36e1-4688-b7f5-ea07361b26a8"
NPG_CONTROL = "0000ff01-0000-1000-8000-00805f9b34fb"


def npg_says(step):
    answers = {b"WHORU": b"NPG-LITE", b"STATUS": b"RUNNING"}
    if isinstance(step, Request) and step.port == NPG_CONTROL:
        return [(NPG_CONTROL, answers.get(step.payload, b"UNKNOWN COMMAND"))]
    return []


def npg_data(k):
    rows = [struct.pack(">B3H", (10 * k + n) % 256, 2048 + n, 1000 + k % 900, 4095) for n in range(10)]
    return [(NPG_DATA, b"".join(rows))]


NPG_LITE = Conversation(
    "npg_lite", Advertisement("NPG-Lite-3CH:4F:21"), npg_says, npg_data, 10, 0.02, round_packets=128
)

# --- OpenBCI Ganglion, firmware 3, accelerometer off ----------------------------------------------------------------

GANGLION_DATA = "2d30c082-f39f-4ce6-923f-3484ea480596"


def ganglion_data(k):
    values = [(20 * k + 3 * n) % 1000 << 1 for n in range(8)]
    bits = "".join(f"{value:019b}" for value in values)
    return [(GANGLION_DATA, bytes([100 + k % 100]) + int(bits, 2).to_bytes(19, "big"))]


def ganglion_says(step):
    if isinstance(step, Read):
        return [(step.port, b"3.0.2")]
    return [(GANGLION_DATA, bytes([99]) + bytes(19))] if isinstance(step, Write) else []


GANGLION = Conversation(
    "ganglion", Advertisement("Ganglion-1a2b"), ganglion_says, ganglion_data, 2, 0.01005,
    round_packets=100, missing_each_round=1, mtu_23="works",
)  # fmt: skip

# --- gForce, classic commands, messages numbered --------------------------------------------------------------------

GFORCE_COMMAND = "f000ffe1-0451-4000-b000-000000000000"
GFORCE_DATA = "f000ffe2-0451-4000-b000-000000000000"


def gforce_says(step):
    if not isinstance(step, Request):
        return []
    extra = {0x08: b"\x4b", 0x06: b"1.2.3"}.get(step.payload[0], b"")
    return [(GFORCE_COMMAND, bytes([0, step.payload[0]]) + extra)]


def gforce_data(k):
    emg = struct.pack("<64H", *(2000 + (64 * k + n) % 97 for n in range(64)))
    said = [(GFORCE_DATA, bytes([0x08, k % 256]) + emg)]
    if k % 2:
        number = k // 2 % 256
        said.append((GFORCE_DATA, bytes([0x01, number]) + struct.pack("<3i", 0, 0, 65536)))
        said.append((GFORCE_DATA, bytes([0x02, number]) + struct.pack("<3i", 65536, 0, 0)))
        said.append((GFORCE_DATA, bytes([0x05, number]) + struct.pack("<4f", 1, 0, 0, 0)))
    return said


GFORCE = Conversation("gforce", Advertisement("gForceOct-3F21"), gforce_says, gforce_data, 8, 0.016, round_packets=256)

# --- Shimmer3R, 512 Hz with motion, checksums of two bytes ----------------------------------------------------------

SHIMMER_PIPE = "65333333-a115-11e2-9e9a-0800200ca102"
SHIMMER_ANSWERS = {
    0x2E: "2F 03 00 01 00 00 16",
    0x72: "8A 71 00 00",
    0x01: "02 40 00 00 00 02 00 00 00 00 09 01 00 01 02 0A 0B 0C 1D 1E 1F",  # divisor 64, gyroscope's range 2
}


def shimmer_sealed(message):
    """Put the checksum behind a message: after the description, byte by byte."""
    crc = 0xB0CA
    for byte in message + bytes(len(message) % 2):
        crc = (crc << 8 | crc >> 8) & 0xFFFF ^ byte
        crc ^= (crc & 0xFF) >> 4
        crc ^= crc << 12 & 0xFFFF
        crc ^= (crc & 0xFF) << 5 & 0xFFFF
    return message + crc.to_bytes(2, "little")


def shimmer_says(step):
    if not isinstance(step, Request):
        return []
    answer = b"\xff" + bytes.fromhex(SHIMMER_ANSWERS.get(step.payload[0], ""))
    return [(SHIMMER_PIPE, shimmer_sealed(answer) if step.payload == b"\x07" else answer)]


def shimmer_frame(k):
    motion = struct.pack("<6h", 0, 0, -1672, 57, -57, k % 100)
    emg = (1000 + k % 3000).to_bytes(3, "big") + (-5 - k % 3000).to_bytes(3, "big", signed=True)
    return shimmer_sealed(b"\0" + (64 * k % (1 << 24)).to_bytes(3, "little") + motion + b"\x80" + emg)


def shimmer_data(k):
    return [(SHIMMER_PIPE, b"".join(shimmer_frame(9 * k + n) for n in range(9)))]


SHIMMER3R = Conversation(
    "shimmer3r", Advertisement("Shimmer3R-5F21-BLE"), shimmer_says, shimmer_data, 9, 9 / 512,
    whole=False, framing_needs=1, mtu_23="works",
)  # fmt: skip

ALL = (OWN_PROFILE, UMYO, NPG_LITE, GANGLION, GFORCE, SHIMMER3R, *EMG_SENSORS, *IMU_SENSORS)
CONVERSATIONS = {item.driver: item for item in ALL}
