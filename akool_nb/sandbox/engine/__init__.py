"""Face detection and face swap with OpenCV. Knows nothing of HTTP."""
