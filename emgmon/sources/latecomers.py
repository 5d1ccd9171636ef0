"""Looks for sensors of a person's own set-up that were switched off when a session looked for sensors.

While one is awaited the radio listens now and then, which takes a little of its time from the sensors that stream;
when none is missing it never does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Iterable
from itertools import chain, repeat

from emgmon.devices import Driver
from emgmon.errors import BluetoothUnavailable
from emgmon.sources.ble import Found, Radio, named, scan

log = logging.getLogger(__name__)

PAUSES_S = (5.0, 10.0, 20.0, 40.0)
"""Between looks; the last one repeats."""

LOOK_S = 4.0


async def latecomers(
    radio: Radio, connecting: asyncio.Lock, awaited: Collection[str], there: Collection[str]
) -> AsyncIterator[tuple[str, Driver, Found]]:
    """Yield sensors as they are switched on, each by the name that was awaited; ends when all are there.

    Parameters
    ----------
    radio : Radio
    connecting : asyncio.Lock
        Nobody is connected while it listens: radios do not do both well.
    awaited : collection of str
        Names, as `emgmon.sources.ble.named` gives them.
    there : collection of str
        Addresses of sensors that the session has; looked at anew each time.
    """
    missing = set(awaited)
    for pause_s in chain(PAUSES_S, repeat(PAUSES_S[-1])):
        await asyncio.sleep(pause_s)
        try:
            async with connecting:
                heard = await scan(radio, LOOK_S)
        except BluetoothUnavailable as error:
            log.info("%s", error)
            continue
        for name, item in among(heard, missing, there).items():
            if item.driver is not None:
                missing.discard(name)
                yield name, item.driver, item
        if not missing:
            return


def among(heard: Iterable[Found], awaited: Collection[str], there: Collection[str]) -> dict[str, Found]:
    """Return those of the awaited names that are not there yet; two of one name are told apart by their addresses."""
    new = {name: item for name, item in named(heard).items() if item.address not in there}
    longer = {f"{item.name} {item.address[-5:]}": item for item in new.values()}
    return {name: item for name, item in {**new, **longer}.items() if name in awaited}
