"""The examples of the profile's document, byte by byte."""

import struct

import pytest

from firmware_sim import profile
from firmware_sim.profile import Status, Tag


def test_uuids_have_the_documents_base():
    numbered = [
        profile.SERVICE, profile.DESCRIPTION, profile.CONTROL,
        profile.EMG_DATA, profile.IMU_DATA, profile.STATUS,
    ]  # fmt: skip
    assert numbered == [f"c331000{n}-2714-438a-ab5f-5cbde8590098" for n in range(1, 7)]


def test_gatt_table_has_the_documents_properties():
    table = {entry.uuid: (entry.service, set(entry.properties)) for entry in profile.GATT_TABLE}
    assert table[profile.DESCRIPTION] == (profile.SERVICE, {"read"})
    assert table[profile.CONTROL] == (profile.SERVICE, {"write", "indicate"})
    assert table[profile.EMG_DATA] == (profile.SERVICE, {"notify"})
    assert table[profile.IMU_DATA] == (profile.SERVICE, {"notify"})
    assert table[profile.STATUS] == (profile.SERVICE, {"read", "notify"})
    assert table[profile.BATTERY_LEVEL] == ("0000180f-0000-1000-8000-00805f9b34fb", {"read", "notify"})
    information = [uuid for uuid, (service, _) in table.items() if service == profile.DEVICE_INFORMATION]
    assert [uuid[4:8] for uuid in information] == ["2a29", "2a24", "2a25", "2a26", "2a27"]


def test_example_emg_packet():
    samples = struct.pack("<8h", 100, -100, 101, -99, 102, -98, 103, -97)
    packet = profile.data_packet(samples, flags=1, sequence=41, first=1025, device_us=1_025_000, mask=3, count=4)
    header = "10 01 29 00 01 04 00 00 E8 A3 0F 00 03 04"
    assert packet == bytes.fromhex(f"{header} 64 00 9C FF 65 00 9D FF 66 00 9E FF 67 00 9F FF")


def test_example_imu_packet():
    samples = struct.pack("<10h", 0, 0, 4096, 164, 0, 0, 16384, 0, 0, 0)
    packet = profile.data_packet(samples, flags=0, sequence=9, first=50, device_us=1_000_000, mask=11, count=1)
    header = "10 00 09 00 32 00 00 00 40 42 0F 00 0B 01"
    values = "00 00 00 00 00 10 A4 00 00 00 00 00 00 40 00 00 00 00 00 00"
    assert packet == bytes.fromhex(f"{header} {values}")


def test_example_answers():
    assert profile.answer(3, Status.SUCCESS, bytes(4)) == bytes.fromhex("80 03 01 00 00 00 00")
    assert profile.answer(3, Status.CHARGER_CONNECTED) == bytes.fromhex("80 03 09")


def test_counters_wrap():
    packet = profile.data_packet(
        b"", flags=0, sequence=65536 + 7, first=2**32 + 8, device_us=2**32 + 9, mask=1, count=0
    )
    assert struct.unpack("<BBHIIBB", packet) == (0x10, 0, 7, 8, 9, 1, 0)


def test_status_value_stops_its_counts_instead_of_wrapping():
    value = profile.status_value(
        device_us=5, packets_dropped=70_000, samples_dropped=3, electrodes=1, error=0, battery=88
    )
    assert value == bytes.fromhex("05000000 FFFF 0300 01 00 58")


def test_tlv_splits_into_what_it_was_made_of():
    elements = profile.tlv(Tag.RATE, b"\xe8\x03") + profile.tlv(Tag.PACKET_SAMPLES, b"\x19")
    assert elements == bytes.fromhex("02 02 E8 03 0C 01 19")
    assert profile.split_tlv(elements) == [(2, b"\xe8\x03"), (12, b"\x19")]
    with pytest.raises(ValueError, match="torn"):
        profile.split_tlv(elements[:-1])
