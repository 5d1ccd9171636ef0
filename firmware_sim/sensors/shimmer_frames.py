"""The bytes of a Shimmer3R: checksum, channels of a data frame, scales.

Multi-byte numbers are little-endian but for the EMG, which is big-endian.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TICKS_HZ = 32768
FRAME = 0x00
GYRO, LOW_NOISE_ACC, MAG, EXG1, EXG2, EXG1_16, EXG2_16 = (
    0x000040, 0x000080, 0x000020, 0x000010, 0x000008, 0x100000, 0x080000,
)  # fmt: skip
CHANNELS: dict[int, tuple[int, ...]] = {
    GYRO: (0x0A, 0x0B, 0x0C),
    LOW_NOISE_ACC: (0x00, 0x01, 0x02),
    MAG: (0x07, 0x08, 0x09),
    EXG1: (0x1D, 0x1E, 0x1F),
    EXG2: (0x20, 0x21, 0x22),
    EXG1_16: (0x1D, 0x23, 0x24),
    EXG2_16: (0x20, 0x25, 0x26),
}
"""Channel ids of each sensor of the mask, in the order in which they stand in a frame."""

GYRO_COUNTS_PER_DPS = (229, 114, 57, 29, 14, 7)
ACC_COUNTS_PER_M_S2 = 1672
MAG_COUNTS_PER_UT = 6.67
STANDARD_GRAVITY_M_S2 = 9.80665
TURN = np.array([-1.0, 1.0, -1.0])  # from the housing's axes to those of the raw counts
GAINS = {0: 6, 1: 1, 2: 2, 3: 3, 4: 4, 5: 8, 6: 12}
REFERENCE_UV = 2.42e6
FULL_24 = (1 << 23) - 1
EXG_STATUS = 0x80
CRC_START = 0xB0CA


class Layout(NamedTuple):
    """Form of a data frame without its checksum: NumPy's type, and which sensors of the mask are in it."""

    dtype: np.dtype[np.void]
    sensors: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """What is to be packed, a row each frame: `motion` (n, 6) in g and dps, `field_ut` (n, 3), `exg_uv` (n, 2)."""

    motion: Array
    field_ut: Array
    exg_uv: Array


def checksum(message: bytes) -> int:
    """Maker's 16-bit checksum; an odd message counts as if a zero followed."""
    crc = CRC_START
    for byte in message + b"\0" * (len(message) % 2):
        crc = (crc >> 8 | crc << 8) & 0xFFFF
        crc ^= byte
        crc ^= (crc & 0xFF) >> 4
        crc = (crc ^ crc << 12) & 0xFFFF
        crc ^= (crc & 0xFF) << 5
    return crc


def checksums(messages: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Checksums of many messages of one length, shape (n, bytes) to (n,)."""
    crc: NDArray[Any] = np.full(len(messages), CRC_START, np.uint32)
    columns = [messages[:, at].astype(np.uint32) for at in range(messages.shape[1])]
    if len(columns) % 2:
        columns.append(np.zeros_like(crc))
    for byte in columns:
        crc = (crc >> 8 | crc << 8) & 0xFFFF ^ byte
        crc ^= (crc & 0xFF) >> 4
        crc = (crc ^ crc << 12) & 0xFFFF
        crc ^= (crc & 0xFF) << 5
    return crc.astype(np.uint16)


def layout(mask: int) -> Layout:
    """Form of the frames that a mask of sensors gives."""
    fields: list[tuple[str, str] | tuple[str, str, tuple[int, ...]]] = [("frame", "u1"), ("ticks", "u1", (3,))]
    chosen = tuple(sensor for sensor in CHANNELS if mask & sensor)
    for sensor in chosen:
        if sensor in {EXG1, EXG2}:
            fields += [(f"status{sensor}", "u1"), (f"s{sensor}", "u1", (2, 3))]
        elif sensor in {EXG1_16, EXG2_16}:
            fields += [(f"status{sensor}", "u1"), (f"s{sensor}", ">i2", (2,))]
        else:
            fields.append((f"s{sensor}", "<i2", (3,)))
    return Layout(np.dtype(fields), chosen)


def frames(form: Layout, ticks: NDArray[np.int64], measured: Measured, *, gyro_range: int, gain: int) -> bytes:
    """Pack frames behind each other, without checksums.

    Parameters
    ----------
    form : Layout
    ticks : ndarray, shape (n,)
        Device time in ticks; 24 bits are sent.
    measured : Measured
    gyro_range, gain : int
        Index of the range; gain of the EMG amplifier.
    """
    packed = np.zeros(ticks.size, form.dtype)
    packed["frame"] = FRAME
    packed["ticks"] = _bytes_of(ticks & 0xFFFFFF)[:, :3]
    for sensor in form.sensors:
        name = f"s{sensor}"
        if sensor == GYRO:
            packed[name] = _int16(measured.motion[:, 3:] * TURN * GYRO_COUNTS_PER_DPS[gyro_range])
        elif sensor == LOW_NOISE_ACC:
            acc_m_s2 = measured.motion[:, :3] * STANDARD_GRAVITY_M_S2
            packed[name] = _int16(acc_m_s2 * TURN * ACC_COUNTS_PER_M_S2)
        elif sensor == MAG:
            packed[name] = _int16(measured.field_ut * MAG_COUNTS_PER_UT)
        else:
            packed[f"status{sensor}"] = EXG_STATUS
            if sensor in {EXG1, EXG1_16}:  # the second chip's channels are switched off in the EMG registers
                counts = np.rint(measured.exg_uv * gain * FULL_24 / REFERENCE_UV).astype(np.int64)
                counts = np.clip(counts, -FULL_24 - 1, FULL_24)
                short = sensor == EXG1_16
                packed[name] = _wrapped16(counts >> 7) if short else _bytes_of(counts)[:, :, 2::-1]
    return packed.tobytes()


def _int16(values: Array) -> NDArray[np.int16]:
    return np.clip(np.rint(values), -32768, 32767).astype(np.int16)


def _wrapped16(values: NDArray[np.int64]) -> NDArray[np.int16]:
    """Lowest 16 bits: the firmware drops the top one, which is redundant unless the electrodes drift far."""
    return values.astype(np.uint64).astype(np.uint16).view(np.int16)


def _bytes_of(values: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Eight bytes of each value, lowest first, in a last axis."""
    return np.ascontiguousarray(values.astype("<i8")).view(np.uint8).reshape(*values.shape, 8)
