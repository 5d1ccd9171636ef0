"""Checksums against published check values."""

import numpy as np
import pytest

from emgmon.devices.checksums import crc16_modbus, crc16_shimmer


def test_modbus_check_value():
    assert crc16_modbus(b"123456789") == 0x4B37


@pytest.mark.parametrize(("last", "sent"), [(8, "AA48"), (9, "5D2A"), (10, "178B"), (11, "4E79")])
def test_shimmer_self_test_of_the_maker(last, sent):
    message = np.arange(1, last + 1, dtype=np.uint8)[None, :]
    assert int(crc16_shimmer(message)[0]).to_bytes(2, "little").hex().upper() == sent


def test_shimmer_many_messages_at_once():
    messages = np.random.default_rng(1).integers(0, 256, (50, 13), np.uint8)
    together = crc16_shimmer(messages)
    assert [int(crc16_shimmer(row[None, :])[0]) for row in messages] == together.tolist()
