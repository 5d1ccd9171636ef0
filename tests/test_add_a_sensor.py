"""The page that shows how to add a sensor is run as it stands: its toy is registered, started, decoded and analysed."""

import re
import struct
from pathlib import Path

import numpy as np
import pytest

from emgmon import devices, pipeline
from emgmon.devices.base import Advertisement, Request, StreamSettings, Subscribe
from emgmon.errors import HandshakeFailed, PacketError
from emgmon.model import Mark, Packet, Placement, SignalSeen

PAGE = (Path(__file__).parents[1] / "docs" / "add-a-sensor.md").read_text("utf-8")
PLACE = "gluteus_maximus/left"


@pytest.fixture(scope="module")
def toy():
    names = {}
    for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(compile(code, "add-a-sensor.md", "exec"), names)  # noqa: S102 - our own page
    return names


def packets(toy, counters, size=10):
    wave = np.arange(size, dtype="<i2")
    return [
        Packet("Toy-1", toy["DATA"], 10**9 + k * 20_000_000, struct.pack("<H", counter % 0x10000) + wave.tobytes())
        for k, counter in enumerate(counters)
    ]


def test_the_toy_is_found_and_started(toy, monkeypatch):
    monkeypatch.setattr(devices, "DRIVERS", (toy["DRIVER"],))
    assert devices.driver_for(Advertisement("Toy-1")) is toy["DRIVER"]
    steps = toy["handshake"](StreamSettings())
    assert [type(next(steps)), type(steps.send(b"")), type(steps.send(b""))] == [Subscribe, Subscribe, Request]
    with pytest.raises(HandshakeFailed, match="charge it"):
        steps.send(b"NO")


def test_its_counter_wraps_and_its_losses_are_holes(toy):
    decoder = toy["ToyDecoder"]("Toy-1")
    blocks = [block for p in packets(toy, [65534, 65535, 65536, 65539]) for block in decoder.decode(p)]
    assert [block.first - blocks[0].first for block in blocks] == [0, 10, 20, 50]
    with pytest.raises(PacketError):
        decoder.decode(Packet("Toy-1", toy["DATA"], 0, b"\x01"))


def test_its_signal_is_analysed_where_the_user_says_it_sits(toy, monkeypatch):
    monkeypatch.setattr("emgmon.pipeline.sensors.driver_named", lambda name: toy["DRIVER"] if name == "toy" else None)
    analysis = pipeline.Pipeline()
    counters = [k for k in range(100) if k not in {50, 51}]
    entries = [
        Mark(10**9 - 3, "device", {"device": "Toy-1", "driver": "toy"}),
        Mark(10**9 - 2, "placement", {"device": "Toy-1", "channels": {"emg": [PLACE]}}),
        Mark(10**9 - 1, "connected", {"device": "Toy-1"}),
        *packets(toy, counters),
    ]
    events = [event for entry in entries for event in analysis.feed(entry)] + analysis.close()
    assert {event.placement for event in events if isinstance(event, SignalSeen)} == {Placement.parse(PLACE)}
    (channel,) = analysis.summary().channels
    assert (channel.samples, channel.lost, channel.loss_evidence, channel.unit) == (980, 20, "counter", "uv")
