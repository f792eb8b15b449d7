"""The shipped pictures and lessons are found."""

import pytest

from akool_nb import samples
from akool_nb.errors import PhotoError


def test_a_sample_photo_is_found_by_its_name():
    assert samples.photo("astronaut").read_bytes().startswith(b"\x89PNG")


def test_every_sample_photo_is_found_by_its_name():
    assert samples.photos() == [samples.photo(path.stem) for path in samples.photos()]


def test_the_lessons_contain_the_photos_and_their_sources():
    assert (samples.lessons() / "photos" / "SOURCES.md").is_file()


def test_an_unknown_name_raises_an_error_that_lists_the_known_ones():
    with pytest.raises(PhotoError, match="astronaut"):
        samples.photo("unknown")
