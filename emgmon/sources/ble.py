"""Finds sensors over Bluetooth; what to tell the user when there is no Bluetooth."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakError,
    BleakGATTProtocolError,
)

from emgmon.devices import Advertisement, Driver, driver_for
from emgmon.errors import BluetoothUnavailable

_Reason = BleakBluetoothNotAvailableReason
REASONS: Mapping[BleakBluetoothNotAvailableReason, str] = {
    _Reason.NO_BLUETOOTH: "this computer has no Bluetooth radio; plug in a Bluetooth LE adapter",
    _Reason.NO_BLE_CENTRAL_ROLE: "the Bluetooth radio cannot do Bluetooth LE; plug in a newer adapter",
    _Reason.POWERED_OFF: "Bluetooth is switched off; switch it on in the system's settings",
    _Reason.DENIED_BY_USER: "this program may not use Bluetooth; allow it in the system's privacy settings",
    _Reason.DENIED_BY_SYSTEM: "the system does not allow Bluetooth; ask whoever administers this computer",
    _Reason.DENIED_BY_UNKNOWN: "this program may not use Bluetooth; look into the system's privacy settings",
}


@dataclass(frozen=True, slots=True)
class Radio:
    """The radio that Bleak shall use, and the clock that stamps what it hears.

    Attributes
    ----------
    clock_ns : callable
        Monotonic host time.
    client_kwargs, scanner_kwargs : mapping
        For ``BleakClient`` and ``BleakScanner``; empty for the system's own Bluetooth.
    """

    clock_ns: Callable[[], int]
    client_kwargs: Mapping[str, Any] = field(default_factory=dict)
    scanner_kwargs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """A sensor that was heard. `driver` is None when emgmon does not know its kind."""

    name: str
    address: str
    rssi_dbm: int
    driver: Driver | None
    handle: BLEDevice


def without_bluetooth(error: BleakBluetoothNotAvailableError) -> str:
    """One sentence about why there is no Bluetooth, with a way out."""
    return f"No Bluetooth: {REASONS.get(error.reason, str(error.args[0]))}."


def in_words(error: BaseException) -> str:
    """One sentence about what a link raised."""
    if isinstance(error, BleakBluetoothNotAvailableError):
        return without_bluetooth(error)
    if isinstance(error, BleakGATTProtocolError):
        return f"the sensor refuses what it is asked for (code 0x{error.code:02x}); switch it off and on"
    if isinstance(error, TimeoutError):
        return "the sensor does not answer; hold it nearer to the computer"
    if isinstance(error, BleakDBusError):
        said = error.dbus_error_details or error.dbus_error
        return f"the system could not connect it ({said}); is Bluetooth on, and the sensor near?"
    return str(error) or type(error).__name__


def forgotten(address: str, platform: str = sys.platform) -> str:
    """Say what to do where a sensor was reset and forgot its pairing, while the computer remembers it.

    Emgmon does not remove it by itself: whoever can imitate a sensor's address could make it do so.
    """
    way = f" ('bluetoothctl remove {address}')" if platform == "linux" else ""
    return f". If the sensor was reset, remove it in the system's Bluetooth settings{way}, and it is paired anew"


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what Bleak raises when there is no Bluetooth into one sentence with a way out."""
    try:
        yield
    except BleakBluetoothNotAvailableError as error:
        raise BluetoothUnavailable(without_bluetooth(error)) from error
    except (BleakError, OSError, EOFError) as error:
        raise BluetoothUnavailable(
            f"No Bluetooth: the system's Bluetooth service does not answer ({error or type(error).__name__}); "
            "is it installed and running?"
        ) from error


async def scan(radio: Radio, length_s: float, *, enough: int | None = None) -> list[Found]:
    """Listen for sensors.

    Parameters
    ----------
    radio : Radio
    length_s : float
        How long at most.
    enough : int, optional
        Stop as soon as this many known sensors were heard.

    Returns
    -------
    list of Found
        Known sensors first, then by signal.

    Raises
    ------
    BluetoothUnavailable
    """
    heard: dict[str, Found] = {}
    done = asyncio.Event()

    def on_advertisement(device: BLEDevice, data: AdvertisementData) -> None:
        said = Advertisement(
            data.local_name or device.name or "", tuple(data.service_uuids), data.service_data, data.manufacturer_data
        )
        known = heard.get(device.address)
        driver = driver_for(said) or (known.driver if known else None)
        name = said.name or (known.name if known else "")
        heard[device.address] = Found(name, device.address, data.rssi, driver, device)
        if enough and sum(1 for found in heard.values() if found.driver and found.name) >= enough:
            done.set()

    with plain_errors():
        async with BleakScanner(on_advertisement, **radio.scanner_kwargs):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(length_s):
                    await done.wait()
    return sorted(heard.values(), key=lambda found: (found.driver is None, -found.rssi_dbm))


def named(found: Iterable[Found]) -> dict[str, Found]:
    """Give each sensor the name that it advertises, told apart by the end of its address where two share one."""
    items = [item for item in found if item.driver is not None]
    names = [item.name or item.driver.name for item in items if item.driver is not None]
    return {
        (name if names.count(name) == 1 else f"{name} {item.address[-5:]}"): item
        for name, item in zip(names, items, strict=True)
    }
