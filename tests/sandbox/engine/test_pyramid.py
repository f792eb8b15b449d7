"""The scaled copies of a picture: which one is chosen, and its pixels."""

import numpy as np
import pytest

from akool_nb.sandbox.engine.pyramid import Pyramid
from tests.sandbox.faces import drawn


@pytest.mark.parametrize(("most", "times"), [(0.3, 1), (1.9, 1), (2, 2), (7.9, 4), (1000, 256)])
def test_the_chosen_copy_is_the_smallest_that_is_large_enough(most, times):
    image, shrunk = Pyramid(drawn(size=480)).shrunk(most)
    assert (shrunk, image.shape[:2]) == (times, (480 // times, 480 // times))


def test_each_pixel_is_the_mean_of_those_that_it_covers():
    ramp = np.repeat(np.arange(65, dtype=np.uint8)[:, None, None], 3, axis=2).repeat(9, axis=1)
    image, _ = Pyramid(ramp).shrunk(4)
    assert image.shape == (16, 2, 3)
    assert np.abs(image[:, 0, 0] - (np.arange(16) * 4 + 1.5)).max() <= 1
