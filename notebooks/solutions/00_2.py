"""The size of the portrait, (width, height) in pixels."""

from akool_nb import Photo, samples

size = answer = Photo.open(samples.photo("astronaut")).size
