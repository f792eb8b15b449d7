"""The sandbox's server: the HTTP API and the video WebSocket, on Tornado."""
