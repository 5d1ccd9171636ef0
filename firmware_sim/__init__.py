"""Simulated sensors that speak a sensor's bytes, worn by a scripted person whose truth is known.

The package shares no code with `emgmon` and never imports it: UUIDs, packing and signal models are its own,
so that an error in the program cannot hide in its test. `bridges` is the plain wearer of the shipped recordings,
`perform` any exercise of the programme. Whatever is measured with it is to be called
*simulated*. `stream` gives the bytes without a radio; `open_world` puts the sensors on a virtual one.
"""

from firmware_sim.faults import Faults, Window
from firmware_sim.kits import KITS
from firmware_sim.performance import perform
from firmware_sim.stream import stream
from firmware_sim.timeline import Lapses, Tempo
from firmware_sim.wearer import Cue, Script, TrueRep, bridges
from firmware_sim.world import open_world

__all__ = [
    "KITS",
    "Cue",
    "Faults",
    "Lapses",
    "Script",
    "Tempo",
    "TrueRep",
    "Window",
    "bridges",
    "open_world",
    "perform",
    "stream",
]
