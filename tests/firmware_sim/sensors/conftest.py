import numpy as np
import pytest

from firmware_sim.physiology import Grid
from firmware_sim.sensors.worn import Leads

GRID_HZ = 2000.0
PEAK_UV = 200.0


@pytest.fixture(scope="session")
def sine():
    """A lead that sees 50 Hz of 200 µV from script time 0 on, and nothing before."""
    time_s = np.arange(-16000, 60000) / GRID_HZ
    values = PEAK_UV * np.sin(2 * np.pi * 50.0 * time_s) * (time_s >= 0)
    return Grid(values[:, None], GRID_HZ)


@pytest.fixture(scope="session")
def tilted():
    """A housing that lies still, turned by 30 degrees about y, and seems to turn by 10 dps about x."""
    angle = np.deg2rad(30.0)
    row = np.array([-np.sin(angle), 0.0, np.cos(angle), 10.0, 0.0, 0.0])
    return Grid(np.tile(row, (8000, 1)), 200.0)


@pytest.fixture
def worn(sine, tilted):
    """Make a sensor of a kind whose leads all see the sine, at script time = world time."""

    def make(kind, channels, name="X", **options):
        sensor = kind(name, Leads((sine,) * channels, tilted), **options)
        sensor.conditions.begin_s = 0.0
        return sensor

    return make
