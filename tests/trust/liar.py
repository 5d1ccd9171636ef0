"""A sensor that claims to speak the open profile and says whatever the bytes of an input decide."""

import asyncio
import random

from devices.conversations import CONVERSATIONS
from trust.hostile import Draws
from trust.target import Target, random_seeds

from emgmon.devices import Advertisement
from emgmon.devices import emgmon_gatt as profile
from emgmon.devices.base import Read
from emgmon.sources.conformance import NOTIFYING, Exam, Heard, examine
from emgmon.sources.profile_rules import RULES

TALK = CONVERSATIONS["emgmon_gatt"]
DATA = (profile.EMG, profile.IMU)


class Liar:
    """A `emgmon.sources.conformance.Wire`: the truth about itself, a part of it, or anything."""

    def __init__(self, draws):
        self._draws, self._now_s = draws, 0.0
        name = draws.piece(draws.below(20)).decode("utf-8", "replace")
        self.advertisement = Advertisement(name, ("x", draws.piece(16).hex()), {}, {draws.below(9): draws.piece(4)})
        self.ports = {port: frozenset({"read", "write", "notify"}) for port in (profile.DESCRIPTION, *NOTIFYING)}
        self.mtu = 23 + draws.below(500)
        self.heard = []

    async def read(self, port):
        said = dict(TALK.says(Read(port))).get(port, b"")
        return said if self._draws.below(3) else self._draws.piece(self._draws.below(200))

    async def write(self, port, payload):
        if self._draws.below(8) == 0:
            return self._draws.below(256)
        answer = bytes([0x80, payload[0] if payload else 0, self._draws.below(3) and self._draws.below(256)])
        self._say(port, answer + self._draws.piece(self._draws.below(20)))
        return 0

    async def subscribe(self, port):
        """Let everybody listen."""

    async def wait(self, length_s):
        for _ in range(self._draws.below(4)):
            stream = self._draws.below(len(DATA))
            fields = (0x10 | self._draws.below(16), *(self._draws.below(size) for size in (256, 1 << 16)))
            more = (*(self._draws.below(1 << 16) for _ in range(2)), *(self._draws.below(256) for _ in range(2)))
            header = profile.HEADER.pack(*fields, *more)
            self._say(DATA[stream], (header + self._draws.piece(30)) if self._draws.below(4) else header[:3])
        self._say(profile.STATUS, self._draws.piece(self._draws.below(8)))
        self._now_s += length_s

    async def reconnect(self):
        self.heard.clear()

    def _say(self, port, payload):
        self.heard.append(Heard(port, self._now_s, payload))


def _examined(content, _folder):
    verdicts = asyncio.run(examine(Exam(Liar(Draws(content)), 1.0), RULES, lambda _verdict: None))
    assert len(verdicts) == len(RULES)
    assert {verdict.state for verdict in verdicts} <= {"pass", "FAIL", "skip"}


def _long():
    """Bytes for a whole examination."""
    rng = random.Random(1)  # noqa: S311
    return [*random_seeds(), *(rng.randbytes(2000) for _ in range(4))]


LIAR_TARGETS = (Target("examined", _long, _examined),)
