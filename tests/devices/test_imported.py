import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgmon.devices import imported
from emgmon.errors import PacketError
from emgmon.model import Packet

STREAMS = [{"quantity": "emg", "unit": "uv", "fs_hz": 1000.0, "placements": ["biceps_femoris/left", None]}]


def decoder():
    made = imported.DRIVER.decoder("F")
    made.decode(Packet("F", "description", 0, imported.description_payload(STREAMS)))
    return made


def test_samples_come_back_bit_for_bit():
    samples = np.array([[0.1, -1e-9], [np.nan, 3e8]])
    (block,) = decoder().decode(Packet("F", "0", 5, imported.data_payload(1000, 1.5, samples)))
    np.testing.assert_array_equal(block.samples, samples)
    assert (block.first, block.device_s, block.host_ns) == (1000, 1.5, 5)


@given(st.sampled_from(["description", "0", "1", "x", ""]), st.binary(max_size=200))
def test_totality(port, payload):
    try:
        blocks = decoder().decode(Packet("F", port, 0, payload))
    except PacketError:
        return
    assert all(block.samples.ndim == 2 for block in blocks)


@pytest.mark.parametrize("fs_hz", [0, -1, 1e9, "fast"])
def test_impossible_rates_are_refused(fs_hz):
    payload = imported.description_payload([{**STREAMS[0], "fs_hz": fs_hz}])
    with pytest.raises(PacketError, match="does not fit"):
        imported.DRIVER.decoder("F").decode(Packet("F", "description", 0, payload))


@pytest.mark.parametrize(("quantity", "columns"), [("envelope", 2), ("acceleration", 3), ("imu", 6)])
def test_what_is_not_analysed_is_handed_on_without_its_placement(quantity, columns):
    made = imported.DRIVER.decoder("F")
    places = ["biceps_femoris/left"] * (2 if quantity == "envelope" else 1)
    streams = [{"quantity": quantity, "unit": "g", "fs_hz": 100.0, "placements": places}]
    made.decode(Packet("F", "description", 0, imported.description_payload(streams)))
    (block,) = made.decode(Packet("F", "0", 5, imported.data_payload(0, 0.0, np.zeros((4, columns)))))
    assert block.samples.shape == (4, columns)
    assert (block.stream.placements[0] is None) == (quantity == "acceleration")
