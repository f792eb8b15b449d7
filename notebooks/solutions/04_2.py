"""The browser can join a session in the state "processing"."""

from akool_nb import FaceswapStatus


def can_join(status):
    return status is FaceswapStatus.PROCESSING


answer = can_join
