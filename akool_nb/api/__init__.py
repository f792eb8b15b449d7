"""The API as Python objects: client, session, photo, detection, calls."""
