"""Everything emgmon raises on purpose, as a tree.

::

    EmgmonError
    ├── BluetoothUnavailable     no radio, switched off, or not permitted; says which and what to do
    ├── DeviceError
    │   ├── DeviceNotFound       no sensor answered the scan
    │   ├── DeviceLost           a sensor went away and did not come back
    │   ├── HandshakeFailed      a sensor refused to start; carries its reason
    │   └── PacketError          bytes that are not what the sensor's protocol says (also a ValueError)
    ├── RecordingError           a file that cannot be read or written; names the file
    ├── ImportFailed             a foreign file, or the map that describes it, does not fit; names the place
    ├── ExportFailed             a recording cannot be written in another format; names the file and why
    ├── StoreError               the sessions store cannot be opened, read or written; names it
    ├── PlacementError           where a sensor sits cannot be read; names the sensor or the file
    ├── CatalogueError           an exercise table that does not fit; names the key
    └── FactsError               a sensor's table that does not fit; names the key

A message is one line that can be printed, whatever a file or a sensor calls itself: what was wrong, where, the value,
and what to do. Anything that leaves the program and is not
an `EmgmonError` is a bug and shows its traceback.
"""

from __future__ import annotations

LONGEST = 2000
"""Letters of a message that are shown; values in it may be of any length."""


class EmgmonError(Exception):
    """Base of all errors that emgmon raises on purpose."""

    def __str__(self) -> str:
        """Return the message without what could move the cursor of a terminal, or fill it."""
        said = super().__str__()
        if len(said) > LONGEST:
            said = f"{said[: LONGEST // 2]} … {said[3 - LONGEST // 2 :]}"
        return said if said.isprintable() else "".join(c if c.isprintable() else " " for c in said)


class BluetoothUnavailable(EmgmonError):  # noqa: N818 - says a state of the machine
    """Bluetooth cannot be used on this machine now."""


class DeviceError(EmgmonError):
    """Something about one sensor."""


class DeviceNotFound(DeviceError):  # noqa: N818
    """No sensor that emgmon knows answered the scan."""


class DeviceLost(DeviceError):  # noqa: N818
    """A sensor went away and did not come back in time."""


class HandshakeFailed(DeviceError):  # noqa: N818
    """A sensor answered the start-up conversation with a refusal or not at all."""


class NoAnswer(HandshakeFailed):
    """A sensor did not answer in time; a driver may catch it and try another way."""


class PacketError(DeviceError, ValueError):
    """A packet does not follow the sensor's protocol.

    Parameters
    ----------
    reason : str
        What was wrong.
    payload : bytes
        The packet as it came; the message shows its first 40 bytes in hexadecimal.
    """

    def __init__(self, reason: str, payload: bytes) -> None:
        shown = payload[:40].hex(" ") + (" …" if len(payload) > 40 else "")
        super().__init__(f"{reason} ({len(payload)} bytes: {shown})")
        self.payload = payload


class RecordingError(EmgmonError):
    """A recording cannot be read or written."""


class ImportFailed(EmgmonError):  # noqa: N818
    """A foreign file, or the map that describes it, does not fit."""


class ExportFailed(EmgmonError):  # noqa: N818
    """A recording cannot be written in another format."""


class StoreError(EmgmonError):
    """The sessions store cannot be opened, read or written."""


class PlacementError(EmgmonError):
    """Where sensors sit cannot be read, written or used."""


class CatalogueError(EmgmonError):
    """An exercise table does not fit."""


class FactsError(EmgmonError):
    """A sensor's table does not fit."""
