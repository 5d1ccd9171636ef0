"""Checksums that sensors put at the end of their messages."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def crc16_modbus(octets: bytes) -> int:
    """CRC-16/MODBUS: polynomial 0x8005 reflected, start 0xFFFF; 0x4B37 for ``123456789``."""
    crc = 0xFFFF
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def crc16_shimmer(messages: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint16]:
    """CRC of Shimmer's serial protocol, start 0xB0CA, for many messages of one length; vectorised.

    Parameters
    ----------
    messages : (n, length) array
        An odd length is filled up with one zero.

    Returns
    -------
    (n,) array
        Sent low byte first.
    """
    n, length = messages.shape
    crc = np.full(n, 0xB0CA, np.uint16)
    for k in range(length + length % 2):
        crc = crc.byteswap()
        if k < length:
            crc ^= messages[:, k]
        crc ^= (crc & 0xFF) >> 4
        crc ^= crc << 12
        crc ^= (crc & 0xFF) << 5
    return crc
