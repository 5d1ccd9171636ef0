"""Sensors over Bluetooth and streams of Lab Streaming Layer side by side in one session.

A stream is found, chosen, placed, recorded and lost as a sensor is. It counts as lost when it falls silent; LSL itself
finds it again when a sender with the same source identifier comes back.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from emgmon.devices import imported
from emgmon.devices.base import StreamSettings
from emgmon.errors import BluetoothUnavailable, DeviceError, DeviceNotFound
from emgmon.model import Entry, Mark
from emgmon.sources import lsl
from emgmon.sources.ble import Found, Radio, named, scan
from emgmon.sources.lsl import POLL_S, Inlet, LslStream, placed
from emgmon.sources.supervisor import SILENT_S, BleSource

DRIVER = replace(imported.DRIVER, title="LSL stream")


async def scan_both(radio: Radio, length_s: float, names: Sequence[str]) -> list[Found]:
    """Listen for sensors and streams at the same time.

    Parameters
    ----------
    radio : Radio
    length_s : float
    names : sequence of str
        Only streams of these names; all that can be analysed when there are none.

    Returns
    -------
    list of Found
        Streams have an `LslStream` as handle, and no signal strength.

    Raises
    ------
    BluetoothUnavailable
        When there is no Bluetooth and no stream either.
    """
    streaming = asyncio.create_task(asyncio.to_thread(lsl.heard, length_s))
    trouble: BluetoothUnavailable | None = None
    sensors: list[Found] = []
    try:
        sensors = await scan(radio, length_s)
    except BluetoothUnavailable as error:
        trouble = error
    wanted = [item for item in await streaming if item.quantity and (not names or item.name in names)]
    if trouble is not None and not wanted:
        raise trouble
    streams: list[Any] = wanted
    return [Found(item.name, f"{item.host}/{item.name}", 0, DRIVER, item) for item in streams] + sensors


class Sources:
    """Sensors and streams that stay connected while the block of `streaming` runs; as `BleSource`, with streams.

    Parameters
    ----------
    radio : Radio
    settings : StreamSettings
    emit : callable
        Takes each entry in the order of its host time.
    """

    def __init__(self, radio: Radio, settings: StreamSettings, emit: Callable[[Entry], None]) -> None:
        self._sensors = BleSource(radio, settings, emit)
        self._clock_ns, self._emit = radio.clock_ns, emit
        self._names: frozenset[str] = frozenset()

    async def identify(self, name: str) -> None:
        """Let one sensor show which one it is; raises `DeviceError` where it does not."""
        if name in self._names:
            raise DeviceError(f"{name}: a stream cannot show itself; tap its electrode instead.")
        await self._sensors.identify(name)

    @contextlib.asynccontextmanager
    async def streaming(
        self,
        found: Iterable[Found],
        *,
        wait_s: float = 20.0,
        stop: threading.Event | None = None,
        awaited: Collection[str] = (),
    ) -> AsyncIterator[list[str]]:
        """Connect to all that was found, and yield the names of those that stream; as `BleSource.streaming`."""
        every = named(found)
        streams: dict[str, Any] = {
            name: item.handle for name, item in every.items() if isinstance(item.handle, LslStream)
        }
        sensors = [item for name, item in every.items() if name not in streams]
        self._names = frozenset(streams)
        async with contextlib.AsyncExitStack() as stack:
            ready = [name for name, stream in streams.items() if await self._begun(stack, name, stream)]
            if sensors:
                keeping = self._sensors.streaming(sensors, wait_s=wait_s, stop=stop, awaited=awaited)
                ready += await stack.enter_async_context(keeping)
            if not ready and not (stop and stop.is_set()):
                raise DeviceNotFound(f"{', '.join(every) or 'No stream'}: does not answer any more.")
            yield ready

    async def _begun(self, stack: contextlib.AsyncExitStack, name: str, stream: LslStream) -> bool:
        """Open one stream and let it flow until the stack is left; false when it does not answer."""
        stream = replace(stream, name=name)
        try:
            inlet = await asyncio.to_thread(_opened, stream, self._clock_ns)
        except DeviceError as error:
            self._emit(Mark(self._clock_ns(), "trouble", {"device": name, "text": str(error)}))
            return False
        stack.callback(inlet.close)
        for entry in (*inlet.opening(), Mark(self._clock_ns(), "started", {"device": name})):
            self._emit(entry)
        flowing = asyncio.create_task(self._flow(inlet), name=name)
        stack.push_async_callback(_ended, flowing)
        return True

    async def _flow(self, inlet: Inlet) -> None:
        """Hand on what a stream says; that it is there is said again after a silence."""
        device = {"device": inlet.stream.name}
        heard_ns, lost = self._clock_ns(), False
        while True:
            entries = inlet.pull()
            if entries and lost:
                for entry in inlet.opening()[1:]:
                    self._emit(entry)
                self._emit(Mark(self._clock_ns(), "started", device))
                entries = [replace(entry, host_ns=self._clock_ns()) for entry in entries]  # they come after that
                lost = False
            for entry in entries:
                self._emit(entry)
                heard_ns = entry.host_ns
            if not lost and self._clock_ns() - heard_ns > SILENT_S * 1e9:
                self._emit(Mark(self._clock_ns(), "lost", device))
                lost = True
            await asyncio.sleep(POLL_S)


def _opened(stream: LslStream, clock_ns: Callable[[], int]) -> Inlet:
    """Open a stream; it waits for an answer, so it is called in a thread."""
    inlet = Inlet(stream, placed(stream, None), clock_ns)
    inlet.open()
    return inlet


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
