"""Checks the table of what is known about each sensor, and gives scales and rates from it.

A hardware check that finds another scale changes ``facts.toml``, not code. Each number bears the mark of how it is
known: ``src`` read in source code of the maker or of a working client, ``doc`` read in documentation, ``inf`` inferred
or computed, ``?`` sources disagree or nobody checked. A scale that is marked ``?`` is not used: such a signal is handed
on in counts, as unit ``a.u.``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from emgmon.errors import FactsError
from emgmon.model import Array

EVIDENCE = ("src", "doc", "inf", "?")
LOSS_EVIDENCE = ("index", "counter", "time", "file", "none")
UNITS = ("uv", "g", "dps", "ut", "1", "a.u.")
UNKNOWN = "?"
TEXTS = ("title", "measures", "placement", "caveats", "tried")


@dataclass(frozen=True, slots=True)
class Signal:
    """One kind of number that a sensor sends.

    Attributes
    ----------
    name : str
    declared_unit : str
        Unit that `scale` leads to, if `evidence` is good enough.
    scale : float
        Unit for one count.
    centre : float
        Count that means zero.
    rate_hz : float
        Nominal rate in the setting that emgmon asks for; the true one is measured.
    rates_hz : tuple of float
        Rates that the sensor offers, rising.
    evidence, rate_evidence : str
        How scale and centre, and how the rates are known: one of `EVIDENCE`.
    note : str
        One sentence for the documents; empty when there is nothing to say.
    """

    name: str
    declared_unit: str
    scale: float
    centre: float
    rate_hz: float
    rates_hz: tuple[float, ...]
    evidence: str
    rate_evidence: str
    note: str

    @property
    def known(self) -> bool:
        """Whether the scale may be used."""
        return self.evidence != UNKNOWN

    @property
    def unit(self) -> str:
        """Unit of what `values` returns: ``a.u.`` where the scale is not known."""
        return self.declared_unit if self.known else "a.u."

    def nearest_hz(self, wanted_hz: float) -> float:
        """Rate on offer with the smallest ratio to a wanted one; the higher of two equal ones."""
        return min(self.rates_hz, key=lambda rate_hz: (max(rate_hz / wanted_hz, wanted_hz / rate_hz), -rate_hz))

    def values(self, counts: npt.NDArray[Any]) -> Array:
        """Turn counts of any shape into values in `unit`; vectorised."""
        numbers = np.asarray(counts, np.float64)
        return (numbers - self.centre) * self.scale if self.known else numbers


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What is known about one kind of sensor.

    Attributes
    ----------
    name : str
        Name of its driver.
    title, measures, placement, caveats, tried : str
        For the documents: what it is called, what it measures, where it may sit, what to know before buying, and on
        what this driver was tried.
    loss_evidence : str
        How a lost sample is noticed; one of `LOSS_EVIDENCE`.
    clock_ppm : float
        Largest error of the clock behind its times.
    mtu : int
        Smallest link MTU with which it can work.
    sources : tuple of str
        Where this was read.
    signals : mapping of str to Signal
    """

    name: str
    title: str
    measures: str
    placement: str
    caveats: str
    tried: str
    loss_evidence: str
    clock_ppm: float
    mtu: int
    sources: tuple[str, ...]
    signals: Mapping[str, Signal]


@cache
def packaged() -> Mapping[str, DeviceFacts]:
    """Tables that come with emgmon, by the driver's name."""
    return parse(resources.files("emgmon.devices").joinpath("facts.toml").read_text("utf-8"), "facts.toml")


def facts_of(name: str) -> DeviceFacts:
    """Return the table of one driver; raises `FactsError` when there is none."""
    try:
        return packaged()[name]
    except KeyError:
        raise FactsError(f"facts.toml: no table {name!r}; there are {', '.join(packaged())}") from None


def parse(text: str, where: str) -> dict[str, DeviceFacts]:
    """Read a table of sensors.

    Parameters
    ----------
    text : str
        TOML, one table for each driver, in it ``signals``.
    where : str
        Name of the file, for messages.

    Raises
    ------
    FactsError
        Naming sensor, key, value and what is allowed.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FactsError(f"{where}: not valid TOML: {error}") from error
    return {name: _device(name, table, f"{where}: {name}") for name, table in tables.items()}


def _device(name: str, table: Any, place: str) -> DeviceFacts:
    _keys(table, place, (*TEXTS, "loss_evidence", "clock_ppm", "mtu", "sources", "signals"))
    texts = {key: _text(table, key, place) for key in TEXTS}
    sources = table.get("sources")
    if not isinstance(sources, list) or not sources or not all(isinstance(item, str) and item for item in sources):
        raise FactsError(f"{place}: sources = {sources!r}; allowed is a list of texts, one at least")
    signals = table.get("signals")
    if not isinstance(signals, Mapping) or not signals:
        raise FactsError(f"{place}: signals = {signals!r}; allowed is one table at least")
    mtu = _number(table, "mtu", place, 23, 517)
    return DeviceFacts(
        name=name,
        loss_evidence=_one_of(table, "loss_evidence", place, LOSS_EVIDENCE),
        clock_ppm=_number(table, "clock_ppm", place, 1, 100_000),
        mtu=int(mtu),
        sources=tuple(sources),
        signals={key: _signal(key, item, f"{place}.signals.{key}") for key, item in signals.items()},
        **texts,
    )


def _signal(name: str, table: Any, place: str) -> Signal:
    _keys(table, place, ("unit", "scale", "centre", "rate_hz", "rates_hz", "evidence", "rate_evidence", "note"))
    evidence = _one_of(table, "evidence", place, EVIDENCE)
    rate_hz = _number(table, "rate_hz", place, 0.01, 10_000)
    rates_hz = table.get("rates_hz", [rate_hz])
    if not isinstance(rates_hz, list) or rate_hz not in rates_hz or rates_hz != sorted(rates_hz):
        raise FactsError(f"{place}: rates_hz = {rates_hz!r}; allowed is a rising list that holds rate_hz")
    scale = _number(table, "scale", place, 1e-12, 1e12) if "scale" in table else 1.0
    return Signal(
        name=name,
        declared_unit=_one_of(table, "unit", place, UNITS),
        scale=scale,
        centre=_number(table, "centre", place, -1e9, 1e9) if "centre" in table else 0.0,
        rate_hz=rate_hz,
        rates_hz=tuple(float(rate) for rate in rates_hz),
        evidence=evidence,
        rate_evidence=_one_of(table, "rate_evidence", place, EVIDENCE) if "rate_evidence" in table else evidence,
        note=_text(table, "note", place) if "note" in table else "",
    )


def _keys(table: Any, place: str, known: tuple[str, ...]) -> None:
    if not isinstance(table, Mapping):
        raise FactsError(f"{place} is not a table")
    for key in table:
        if key not in known:
            raise FactsError(f"{place}: unknown key {key!r}; known are {', '.join(known)}")


def _text(table: Mapping[str, Any], key: str, place: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise FactsError(f"{place}: {key} = {value!r}; allowed is a text")
    return value


def _one_of(table: Mapping[str, Any], key: str, place: str, allowed: tuple[str, ...]) -> str:
    value = table.get(key)
    if value not in allowed:
        raise FactsError(f"{place}: {key} = {value!r}; allowed is {' or '.join(allowed)}")
    return str(value)


def _number(table: Mapping[str, Any], key: str, place: str, low: float, high: float) -> float:
    value = table.get(key)
    if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
        raise FactsError(f"{place}: {key} = {value!r}; allowed is a number from {low:g} to {high:g}")
    return float(value)
