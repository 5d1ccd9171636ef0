"""How often the link serves a sensor: what each system lets a program ask for, and what the user can do.

The connection interval decides how much a sensor can send. Bleak has no call for it, so what can be done depends on the
system: Windows takes a wish, Linux has a setting of the whole adapter, macOS decides alone. What came of it is seen in
the samples that are lost, which every sensor's line shows.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from bleak import BleakClient

ADVICE = {
    "linux": "If samples are lost, shorten the adapter's interval as root, before connecting: "
    "'echo 6 > /sys/kernel/debug/bluetooth/hci0/conn_min_interval', then 9 into conn_max_interval (7.5 to 11.25 ms).",
    "win32": "emgmon asks Windows for the short interval by itself (Windows 11; Windows 10 decides alone).",
    "darwin": "macOS chooses 15 to 30 ms by itself and takes no wish; sensors that need less lose samples there.",
}
"""By `sys.platform`."""


def advice(platform: str = sys.platform) -> str:
    """One sentence about the connection interval on a system."""
    return ADVICE.get(platform, "How to shorten the connection interval on this system is not known.")


def ask_for_throughput(client: BleakClient, platform: str = sys.platform) -> Any:
    """Ask Windows for a short connection interval.

    Parameters
    ----------
    client : BleakClient
        Connected.
    platform : str
        As in `sys.platform`.

    Returns
    -------
    object or None
        The wish, which holds as long as this object lives; None where there is nothing to ask.
    """
    device: Any = getattr(getattr(client, "_backend", None), "_requester", None)
    if platform != "win32" or not hasattr(device, "request_preferred_connection_parameters"):
        return None
    windows: Any = import_module("winrt.windows.devices.bluetooth")  # exists there only, as a part of Bleak
    wish = windows.BluetoothLEPreferredConnectionParameters.throughput_optimized
    return device.request_preferred_connection_parameters(wish)
