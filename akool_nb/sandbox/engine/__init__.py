"""Face detection and face swap with OpenCV, without HTTP.

`detector.py` finds the faces of a photo, `tracker.py` follows faces in a video, `swap.py` draws the source on them.
"""
