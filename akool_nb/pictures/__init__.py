"""Reading pictures of unknown origin: kinds of files, limits, orientation, pixels, and the reason for a failure."""
