"""What a sensor's own firmware makes of its accelerometer: an attitude, and the earth's field in its axes.

Gravity alone decides, heading is always 0: enough for a stream of quaternions whose inclination is right while the
person moves slowly. Quaternions are w x y z and turn the sensor's axes into upright ones.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

EARTH_UT = np.array([20.0, 0.0, -45.0])  # horizontal north and downwards, middle latitudes


def quaternions(acc_g: Array) -> Array:
    """Attitude by gravity, shape (n, 4), unit length; the shortest turn that puts the measured `acc_g` upright."""
    up = acc_g / np.maximum(np.linalg.norm(acc_g, axis=1, keepdims=True), 1e-9)
    turn = np.stack([1.0 + up[:, 2], up[:, 1], -up[:, 0], np.zeros(len(up))], axis=1)
    return np.asarray(turn / np.maximum(np.linalg.norm(turn, axis=1, keepdims=True), 1e-9))


def earth_field_ut(attitude: Array) -> Array:
    """Earth's magnetic field in the sensor's axes, µT, shape (n, 3), for attitudes of shape (n, 4)."""
    w, axis = attitude[:, :1], -attitude[:, 1:]  # the other way round: from upright into the sensor's axes
    cross = np.cross(axis, np.broadcast_to(EARTH_UT, axis.shape))
    return np.asarray(EARTH_UT + 2.0 * (w * cross + np.cross(axis, cross)))
