"""Refused calls: a code of AKOOL's table and a message with what to do."""

from __future__ import annotations

HTTP_STATUS = {1003: 400, 1005: 429, 1009: 403, 1014: 404, 1101: 401, 1102: 401, 1103: 402, 1104: 402, 1109: 401}
"""The HTTP status of each code when the switch `error_status` is "4xx"; 400 for all others."""

NO_VIDEOS = "Failed to process media: the sandbox searches pictures, no videos"


class Refusal(Exception):  # noqa: N818 - an answer, not a fault of ours
    """A call that is answered with `{"code": …, "msg": …}`.

    `status` forces an HTTP status; without it the switch `error_status` decides between 200 and 4xx.
    """

    def __init__(
        self, code: int, message: str, *, status: int | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.headers = headers or {}

    def http_status(self, error_status: str) -> int:
        """The HTTP status to answer with, under the given value of the switch `error_status`."""
        if self.status is not None:
            return self.status
        return HTTP_STATUS.get(self.code, 400) if error_status == "4xx" else 200


class WrongField(Refusal):
    """1003: a field of the body, or the body itself, is not what the documentation says."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(1003, f"parameter error: {name} {what}")
        self.name = name
        self.what = what


class Broken(Refusal):
    """The sandbox itself cannot answer; the message says what to do about it."""

    def __init__(self, message: str) -> None:
        super().__init__(1108, message, status=500)


class DetectorRefusal(Exception):  # noqa: N818 - an answer, not a fault of ours
    """A picture that the detector cannot use; its message is one of those on AKOOL's detection page.

    https://docs.akool.com/ai-tools-suite/face-detection
    """


class NoFace(DetectorRefusal):
    """A picture without a face; the switch `no_face` decides which of three forms the answer takes."""

    def __init__(self) -> None:
        super().__init__("No faces detected")
