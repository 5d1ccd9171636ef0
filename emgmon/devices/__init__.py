"""What each sensor says, and how to ask it to speak: bytes in and out, no Bluetooth.

A new sensor is one file here and one line in `DRIVERS`.
"""

from __future__ import annotations

from emgmon.devices import (
    bitalino,
    emgmon_gatt,
    ganglion,
    gforce,
    imported,
    metamotion,
    movella_dot,
    movesense,
    myo,
    myopod,
    myoware,
    npg_lite,
    polar_h10,
    shimmer3r,
    umyo,
    witmotion,
)
from emgmon.devices.base import Advertisement, Decoder, Driver

__all__ = ["DRIVERS", "Advertisement", "Decoder", "Driver", "driver_for", "driver_named"]

DRIVERS: tuple[Driver, ...] = (
    emgmon_gatt.DRIVER,
    umyo.DRIVER,
    npg_lite.DRIVER,
    gforce.DRIVER,
    shimmer3r.DRIVER,
    ganglion.DRIVER,
    movesense.DRIVER,
    polar_h10.DRIVER,
    myo.DRIVER,
    bitalino.DRIVER,
    myopod.DRIVER,
    movella_dot.DRIVER,
    metamotion.DRIVER,
    myoware.DRIVER,
    witmotion.DRIVER,
    imported.DRIVER,
)


def driver_for(advertisement: Advertisement) -> Driver | None:
    """Return the first driver that recognises an advertisement, None when none does."""
    return next((driver for driver in DRIVERS if driver.recognises(advertisement)), None)


def driver_named(name: str) -> Driver | None:
    """Return the driver of that name, None when this version has none."""
    return next((driver for driver in DRIVERS if driver.name == name), None)
