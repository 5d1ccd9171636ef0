"""A handshake's steps over a link that answers as each test says."""

import asyncio

import pytest

from emgmon.devices.base import Pause, Read, Receive, Request, Subscribe, Write
from emgmon.errors import HandshakeFailed, NoAnswer
from emgmon.sources.conversation import Conversation


class Link:
    """Stands for a connected BleakClient; `answers` maps a written payload to what is then notified, by port."""

    def __init__(self, answers=None, values=None):
        self.answers, self.values = answers or {}, values or {}
        self.listeners, self.written = {}, []

    async def read_gatt_char(self, port):
        return bytearray(self.values[port])

    async def start_notify(self, port, listener):
        self.listeners[port] = listener

    async def write_gatt_char(self, port, payload, *, response):
        self.written.append((port, payload, response))
        for on, value in self.answers.get(payload, ()):
            asyncio.get_running_loop().call_soon(self.listeners[on], None, bytearray(value))


def hold(link, steps):
    """Carry out `steps`; returns what they gave and everything that was recorded."""
    heard = []

    async def run():
        await Conversation(link, lambda: len(heard), lambda port, _ns, value: heard.append((port, value))).hold(steps)

    asyncio.run(run())
    return heard


def test_each_step_is_sent_what_it_brought():
    got = []

    def steps():
        got.append((yield Read("description")))
        got.append((yield Subscribe("control")))
        got.append((yield Request("control", b"start")))
        got.append((yield Write("data", b"\x01", confirmed=False)))
        got.append((yield Pause(0.0)))

    link = Link({b"start": [("control", b"ok")]}, {"description": b"two channels"})
    heard = hold(link, steps())
    assert got == [b"two channels", b"", b"ok", b"", b""]
    assert link.written == [("control", b"start", True), ("data", b"\x01", False)]
    assert heard == [
        ("description", b"two channels"),
        (">control", b"start"),
        ("control", b"ok"),
        (">data", b"\x01"),
    ]


def test_an_answer_may_come_on_another_port_and_in_parts():
    got = []

    def steps():
        yield Subscribe("answers")
        got.append((yield Request("commands", b"?", answers_on="answers")))
        got.append((yield Receive("answers")))

    hold(Link({b"?": [("answers", b"one"), ("answers", b"two")]}), steps())
    assert got == [b"one", b"two"]


def test_a_request_does_not_take_an_older_value_for_its_answer():
    got = []

    def steps():
        yield Subscribe("control")
        yield Write("control", b"chatter")
        yield Pause(0.01)
        got.append((yield Request("control", b"start")))

    hold(Link({b"chatter": [("control", b"status")], b"start": [("control", b"ok")]}), steps())
    assert got == [b"ok"]


def test_silence_ends_the_handshake_unless_the_driver_has_another_way():
    def plain():
        yield Request("control", b"start", timeout_s=0.01)

    with pytest.raises(NoAnswer, match="did not answer within 0"):
        hold(Link(), plain())

    def patient():
        try:
            yield Request("control", b"hello", timeout_s=0.01)
        except NoAnswer:
            yield Write("control", b"old firmware")

    link = Link()
    hold(link, patient())
    assert link.written[-1][1] == b"old firmware"


def test_a_refusal_passes_through():
    def steps():
        yield Subscribe("control")
        answer = yield Request("control", b"start")
        raise HandshakeFailed(f"the sensor says {answer.decode()}")

    with pytest.raises(HandshakeFailed, match="on its charger"):
        hold(Link({b"start": [("control", b"on its charger")]}), steps())
