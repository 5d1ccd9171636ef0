"""Checksums that sensors put at the end of their messages."""

from __future__ import annotations

from functools import cache

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

    Every step of it is linear over bits, so the checksum is the one of zeros, changed by a word for each byte and its
    place; these words are computed once for each length.

    Parameters
    ----------
    messages : (n, length) array
        An odd length is filled up with one zero.

    Returns
    -------
    (n,) array
        Sent low byte first.
    """
    of_zeros, changes = _shimmer_words(messages.shape[1])
    words = changes[np.arange(messages.shape[1]), messages]
    return np.asarray(np.bitwise_xor.reduce(words, axis=1) ^ of_zeros, np.uint16)


@cache
def _shimmer_words(length: int) -> tuple[np.uint16, npt.NDArray[np.uint16]]:
    """Checksum of `length` zeros, and what each value at each place changes in it, (length, 256)."""
    single = np.zeros((length, 256, length), np.uint8)
    for place in range(length):
        single[place, :, place] = np.arange(256)
    crc = np.full(256 * length, 0xB0CA, np.uint16)
    for column in (*single.reshape(-1, length).T, *(() if length % 2 == 0 else (0,))):
        crc = crc.byteswap() ^ np.uint16(column)
        crc ^= (crc & 0xFF) >> 4
        crc ^= crc << 12
        crc ^= (crc & 0xFF) << 5
    words = crc.reshape(length, 256)
    return words[0, 0], words ^ words[0, 0]
