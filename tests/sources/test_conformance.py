"""The examination of firmware: the simulator passes every rule, and each rule has a sensor that fails it alone."""

import asyncio

import pytest

import firmware_sim
from emgmon.devices.base import Advertisement
from emgmon.sources.conformance import Exam, Heard, examine
from emgmon.sources.profile_rules import RULES
from firmware_sim.firmware import Sensor
from firmware_sim.flaws import FLAWS
from firmware_sim.kits import OWN_KIT, Wardrobe, make, units_of
from firmware_sim.sensors.base import AttError

MTU, STEP_S = 185, 0.025

FAILS = {
    "another name": "advertisement",
    "no status characteristic": "table",
    "no signal kind": "description",
    "label in free words": "label",
    "battery in millivolts": "battery",
    "no maker's name": "device_information",
    "control point open to the deaf": "unheard_control",
    "unknown operation succeeds": "unknown_operation",
    "start of nothing succeeds": "invalid_parameter",
    "any rate is taken": "rate_not_offered",
    "packets larger than the link": "mtu_too_small",
    "stop of nothing succeeds": "stop_of_nothing",
    "echo without the nonce": "time_echo",
    "no lamp": "identify",
    "label forgotten": "stored_label",
    "no electrode check": "electrodes",
    "start without a time": "start",
    "no motion data": "data_comes",
    "a twentieth too slow": "rate",
    "header of version 2": "packet_form",
    "sequence stands still": "sequence",
    "index in packets": "index",
    "time in milliseconds": "device_time",
    "silent about its status": "status",
    "start twice succeeds": "start_twice",
    "talks on after stop": "stop",
    "counts on after a restart": "restart",
    "test signal not marked": "marked_test_signal",
    "streams into the next connection": "disconnection",
}
FOLLOWS = {
    "no status characteristic": ("status",),
    "no signal kind": ("stored_label",),
    "index in packets": ("device_time", "rate"),
}
"""Rules that cannot be kept either once the first one is broken."""


class SimulatedWire:
    """A simulated sensor on a wire without delay; time passes only in `wait`."""

    def __init__(self, sensor):
        self.sensor, self.now_s, self.heard, self._listening = sensor, 1.0, [], set()
        said = sensor.advertisement()
        self.advertisement = Advertisement(said.name, said.service_uuids)
        self._table = sensor.gatt_table
        self.ports = {entry.uuid: frozenset(entry.properties) for entry in self._table}
        self.mtu = MTU

    async def read(self, port):
        try:
            return self.sensor.read(port)
        except AttError:
            return b""

    async def write(self, port, payload):
        (entry,) = [entry for entry in self._table if entry.uuid == port]
        if entry.needs_listener and port not in self._listening:
            return 0xFD
        self._hear((self.now_s, *answer) for answer in self.sensor.write(port, payload, self.mtu, self.now_s))
        return 0

    async def subscribe(self, port):
        self._listening.add(port)

    async def wait(self, length_s):
        end_s = self.now_s + length_s
        while self.now_s < end_s - 1e-9:
            self.now_s = min(self.now_s + STEP_S, end_s)
            self._hear(self.sensor.advance(self.now_s))

    async def reconnect(self):
        self.sensor.disconnected()
        self._listening.clear()

    def _hear(self, sent):
        self.heard += [Heard(port, at_s, value) for at_s, port, value in sent if port in self._listening]


@pytest.fixture(scope="module")
def healthy():
    wardrobe = Wardrobe(firmware_sim.bridges(1, seed=4), 4)
    (unit,) = units_of(OWN_KIT, ["EMG-GL"])

    def healthy():
        sensor = make(unit, wardrobe, 4)
        assert isinstance(sensor, Sensor)
        return sensor

    return healthy


def verdicts(sensor):
    return asyncio.run(examine(Exam(SimulatedWire(sensor), 4.0), RULES, lambda _verdict: None))


def test_the_simulator_keeps_every_rule(healthy):
    assert [(v.rule.name, v.state, v.seen) for v in verdicts(healthy()) if v.state != "pass"] == []


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flaw_fails_its_rule(flaw, healthy):
    sensor = healthy()
    FLAWS[flaw](sensor)
    failed = [verdict.rule.name for verdict in verdicts(sensor) if verdict.state == "FAIL"]
    assert failed == [FAILS[flaw], *FOLLOWS.get(flaw, ())]


def test_every_rule_can_fail():
    assert set(FAILS.values()) == {rule.name for rule in RULES}
    assert set(FAILS) == set(FLAWS)
