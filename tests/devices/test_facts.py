"""The table of facts: what it may hold, and what a doubtful scale becomes."""

import numpy as np
import pytest
from devices.conversations import CONVERSATIONS
from devices.conversing import started

from emgmon.devices import DRIVERS
from emgmon.devices.facts import facts_of, packaged, parse
from emgmon.errors import FactsError

GOOD = """
[thing]
title = "Thing"
measures = "Raw EMG"
placement = "Anywhere"
caveats = "None known."
tried = "simulator only"
loss_evidence = "counter"
clock_ppm = 100
mtu = 23
sources = ["somewhere"]
[thing.signals.emg]
unit = "uv"
scale = 0.5
centre = 100
rate_hz = 500
rates_hz = [250, 500, 1000]
evidence = "src"
"""


def thing(old="", new=""):
    assert old in GOOD
    return parse(GOOD.replace(old, new), "facts.toml")["thing"]


def test_values_are_counts_less_centre_times_scale():
    emg = thing().signals["emg"]
    np.testing.assert_array_equal(emg.values(np.array([[100, 102], [98, 0]], np.int16)), [[0, 1], [-1, -50]])
    assert emg.unit == "uv"
    assert emg.values(np.array([1], np.uint8)).dtype == np.float64


def test_a_doubtful_scale_is_not_used():
    emg = thing('evidence = "src"', 'evidence = "?"').signals["emg"]
    np.testing.assert_array_equal(emg.values(np.array([100, 102])), [100, 102])
    assert emg.unit == "a.u."
    assert emg.declared_unit == "uv"


@pytest.mark.parametrize(("wanted_hz", "hz"), [(1, 250), (300, 250), (400, 500), (500, 500), (700, 500), (9000, 1000)])
def test_nearest_rate(wanted_hz, hz):
    assert thing().signals["emg"].nearest_hz(wanted_hz) == hz


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[thing]", "[thing", "not valid TOML"),
        ('title = "Thing"', "title = 3", "thing: title = 3; allowed is a text"),
        ('title = "Thing"', 'title = "Thing"\ncolour = "red"', "unknown key 'colour'; known are title"),
        ("mtu = 23", "mtu = 20", "mtu = 20; allowed is a number from 23 to 517"),
        ("mtu = 23", "mtu = true", "mtu = True"),
        ("clock_ppm = 100", "clock_ppm = nan", "clock_ppm = nan"),
        ('"counter"', '"luck"', "loss_evidence = 'luck'; allowed is index or"),
        ('["somewhere"]', "[]", "sources = "),
        ('evidence = "src"', 'evidence = "sure"', "thing.signals.emg: evidence = 'sure'"),
        ('unit = "uv"', 'unit = "mV"', "unit = 'mV'"),
        ("[250, 500, 1000]", "[250, 1000]", "a rising list that holds rate_hz"),
        ("scale = 0.5", "scale = 0", "scale = 0"),
        ("rate_hz = 500", "rate_hz = '500'", "rate_hz = '500'"),
        ("[thing.signals.emg]", "[thing.signals]\nemg = 3\n[other]", "thing.signals.emg is not a table"),
    ],
)
def test_what_does_not_fit_is_named(old, new, words):
    with pytest.raises(FactsError) as refusal:
        thing(old, new)
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_every_sensor_has_a_table_and_no_table_is_left_over():
    assert set(packaged()) == {driver.name for driver in DRIVERS} - {"imported"}


def test_drivers_say_what_their_tables_say():
    for name, talk in CONVERSATIONS.items():
        if name in packaged():
            facts, decoder = facts_of(name), started(talk)
            assert (decoder.loss_evidence, decoder.clock_ppm) == (facts.loss_evidence, facts.clock_ppm)


def test_a_table_that_is_not_there():
    with pytest.raises(FactsError, match="no table 'nothing'"):
        facts_of("nothing")
