"""Carries out what a driver's handshake asks for, step by step, over one connection.

Every value that the sensor says and every byte that the host writes is handed on before anything tries to understand
it; the host time of a notification is taken in the first line of the callback.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bleak import BleakClient

from emgmon.devices.base import WRITTEN, Handshake, Pause, Read, Receive, Request, Step, Subscribe, Write
from emgmon.errors import NoAnswer

WRITE_S = 10.0
"""No radio takes longer for one read, write or subscription that it means to carry out."""


@dataclass(slots=True)
class Inbox:
    """Values of one port that the conversation was not sent yet."""

    values: deque[bytes] = field(default_factory=lambda: deque(maxlen=256))
    came: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, value: bytes) -> None:
        """Add the newest value."""
        self.values.append(value)
        self.came.set()

    async def get(self) -> bytes:
        """Wait for the oldest value that is left."""
        while not self.values:
            self.came.clear()
            await self.came.wait()
        return self.values.popleft()


class Conversation:
    """One connection's talk with a sensor.

    Parameters
    ----------
    client : BleakClient
        Connected.
    clock_ns : callable
        Monotonic host time.
    heard : callable
        Takes port, host time and value of whatever was said or written.
    """

    def __init__(
        self, client: BleakClient, clock_ns: Callable[[], int], heard: Callable[[str, int, bytes], None]
    ) -> None:
        self._client, self._clock_ns, self._heard = client, clock_ns, heard
        self._inboxes: dict[str, Inbox] = {}

    async def hold(self, steps: Handshake) -> None:
        """Carry out a conversation to its end.

        Raises
        ------
        HandshakeFailed
            When the driver calls an answer a refusal, or an answer did not come (`NoAnswer`).
        BleakError, OSError, TimeoutError
            When the link failed.
        """
        try:
            step = next(steps)
            while True:
                try:
                    answer = await self._carry_out(step)
                except NoAnswer as silence:
                    step = steps.throw(silence)
                else:
                    step = steps.send(answer)
        except StopIteration:
            pass
        finally:
            steps.close()
            self._inboxes.clear()

    async def _carry_out(self, step: Step) -> bytes:
        match step:
            case Read(port):
                value = bytes(await self._in_time(self._client.read_gatt_char(port)))
                self._heard(port, self._clock_ns(), value)
                return value
            case Subscribe(port):
                self._inboxes[port] = Inbox()
                await self._in_time(self._client.start_notify(port, self._listener(port)))
            case Write(port, payload, confirmed):
                await self._write(port, payload, confirmed=confirmed)
            case Receive(port, timeout_s):
                return await self._next(port, timeout_s)
            case Request(port, payload, answers_on, timeout_s, confirmed):
                answers_on = answers_on or port
                self._inboxes.setdefault(answers_on, Inbox()).values.clear()
                await self._write(port, payload, confirmed=confirmed)
                return await self._next(answers_on, timeout_s)
            case Pause(length_s):
                await asyncio.sleep(length_s)
        return b""

    async def _write(self, port: str, payload: bytes, *, confirmed: bool) -> None:
        self._heard(WRITTEN + port, self._clock_ns(), payload)
        await self._in_time(self._client.write_gatt_char(port, payload, response=confirmed))

    async def _next(self, port: str, timeout_s: float) -> bytes:
        inbox = self._inboxes.setdefault(port, Inbox())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                return await inbox.get()
        raise NoAnswer(
            f"the sensor did not answer within {timeout_s:g} s; hold it nearer to the computer, or switch it off and on"
        )

    async def _in_time(self, work: Any) -> Any:
        async with asyncio.timeout(WRITE_S):
            return await work

    def _listener(self, port: str) -> Callable[[Any, bytearray], None]:
        def on_value(_characteristic: Any, value: bytearray) -> None:
            host_ns = self._clock_ns()
            self._heard(port, host_ns, bytes(value))
            inbox = self._inboxes.get(port)
            if inbox is not None:
                inbox.put(bytes(value))

        return on_value
