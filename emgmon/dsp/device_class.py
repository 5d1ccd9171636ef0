"""What a sensor's rate, unit and output allow to be said: one table of four classes."""

from __future__ import annotations

from dataclasses import dataclass

CALIBRATED_UNITS = frozenset({"uv"})


@dataclass(frozen=True, slots=True)
class DeviceClass:
    """One row of the table.

    Attributes
    ----------
    letter : str
        ``A`` to ``D``.
    title : str
        What belongs to it.
    offers : frozenset of str
        Of ``amplitude`` (levels, shares, index), ``onset``, ``spectrum`` (median frequency and what rests on it),
        ``shape`` (spectral quality ratios), ``checks`` (mains, heart, motion), ``microvolt``.
    onset_extra_s : float
        What the low rate adds to the uncertainty of an onset.
    caveat : str
        One sentence that goes with every number of a kind that is offered with reserve; empty when there is none.
    """

    letter: str
    title: str
    offers: frozenset[str]
    onset_extra_s: float = 0.0
    caveat: str = ""


CLASSES = {
    row.letter: row
    for row in (
        DeviceClass(
            "A",
            "raw from 1000 Hz on, calibrated",
            frozenset({"amplitude", "onset", "spectrum", "shape", "checks", "microvolt"}),
        ),
        DeviceClass(
            "B",
            "raw from 500 Hz on, or without a known scale",
            frozenset({"amplitude", "onset", "spectrum", "shape", "checks"}),
            caveat="Spectra of this sensor are cut at the top or have no scale: compare them only with its own.",
        ),
        DeviceClass(
            "C",
            "raw from 200 Hz on",
            frozenset({"amplitude", "onset", "checks"}),
            onset_extra_s=0.015,
            caveat="This sensor samples too slowly for spectra and fatigue; shares are sound.",
        ),
        DeviceClass(
            "D",
            "envelope only, or below 200 Hz",
            frozenset({"amplitude"}),
            caveat="This sensor hands out an envelope of unknown delay: no onsets, no checks of the raw signal.",
        ),
    )
}
"""Letter to row."""


def device_class(fs_hz: float, unit: str, *, raw: bool = True) -> DeviceClass:
    """Return the class of a channel.

    Parameters
    ----------
    fs_hz : float
        Sampling rate.
    unit : str
        As in `emgmon.model.Stream`.
    raw : bool
        False when the sensor hands out an envelope.
    """
    if not raw or fs_hz < 199.0:
        return CLASSES["D"]
    if fs_hz < 499.0:
        return CLASSES["C"]
    return CLASSES["A" if fs_hz >= 999.0 and unit in CALIBRATED_UNITS else "B"]


def upper_edge_hz(fs_hz: float) -> float:
    """Upper corner of the band-pass that a rate permits.

    450 Hz from 1000 Hz on, 0.45 of the rate from 500 Hz on, that in whole tens below: 110 Hz at 250, 90 Hz at 200.
    """
    edge_hz = min(450.0, 0.45 * fs_hz)
    return edge_hz if fs_hz >= 500.0 or edge_hz < 30.0 else 10.0 * (edge_hz // 10.0)
