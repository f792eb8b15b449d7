"""All errors of this package, as one tree of classes.

AkoolError                    .message .code .trx_id .http_status
├── ApiError                  the service refused the call
│   ├── ParameterError            1003
│   ├── VerificationError         1004
│   ├── RateLimitError            1005, HTTP 429
│   ├── InsufficientQuotaError    1006 1104
│   ├── TooManyFacesError         1007
│   ├── PermissionDeniedError     1009
│   ├── ContentError              1008 1010 1011 1013 1014 1222
│   ├── AuthenticationError       1101 1102
│   ├── AccountError              1103 1109 1200 1213 1221
│   ├── MediaError                1204 1207 1208 1209 1210
│   ├── AvatarError               1105 1111 1214 … 1220 1223
│   ├── ProcessingError           1015 … 1017 1108 1110 1112 and others
│   ├── DetectionError            error_code 1 of the two detectors
│   └── ServerError               2001, HTTP 5xx with a readable answer
├── NoFaceError               the detector found no face in the picture
├── PhotoError                (ValueError) the picture cannot be read or used
├── OptsError                 (ValueError) the text or the points are not valid `opts`
├── TokenFormatError          (ValueError) the text is not an Agora token
├── MissingCredentials        no credentials, or half of them is missing
├── SessionClosed             the session was closed
├── SandboxError              the sandbox cannot start
└── TransportError            no usable response came
    ├── ConnectionFailed          no connection, or it ended too early
    │   ├── CertificateError      the certificate is missing or not trusted
    │   └── ConnectionRefused     no program listens at the port
    ├── DeadlineExceeded          the call took longer than its time limit
    ├── BadResponse               the response is not one of the API
    └── OutcomeUnknown            `create` got no answer; a session may be open

An error can be pickled, and holds no request, response or credential.
Codes: https://docs.akool.com/ai-tools-suite/live-faceswap
"""

# ruff: noqa: N818 - the names say what happened, as the design fixes them

from __future__ import annotations

from typing import NamedTuple

from akool_nb.terminal import wrapped

_SUPPORT = "write to info@akool.com"
_AGAIN = f"Try again in a minute. If it fails again, {_SUPPORT} and send {{reference}}."


class AkoolError(Exception):
    """Any error of this package; `str()` says what happened and what to do next, in lines of at most 80 characters.

    Attributes:
        text: the same in one line.
        message: what happened, without the advice.
        advice: what to do next.
        code: the API's number, for example 1104; None where the API gave none.
        trx_id: the transaction id (text) for AKOOL's support; None where there is none: only "detect" gives one.
        session_id: the id of the session that the call was about, for AKOOL's support; None for other calls.
        http_status: the answer's HTTP status, often 200 even for a refusal; None when no answer came.
    """

    advice = ""
    code: int | None = None

    def __init__(self, message: str, *, trx_id: str | None = None, http_status: int | None = None) -> None:
        super().__init__(message)
        self.trx_id = trx_id
        self.session_id: str | None = None
        self.http_status = http_status

    @property
    def message(self) -> str:
        return str(self.args[-1])

    @message.setter
    def message(self, text: str) -> None:
        self.args = (*self.args[:-1], text)

    @property
    def text(self) -> str:
        what = self.message if self.code is None else f"{self.message.rstrip('. ')} (code {self.code})."
        return f"{what} {self.advice.replace('{reference}', self._reference)}".strip()

    def __str__(self) -> str:
        # JupyterLab breaks long lines inside words.
        return wrapped(self.text)

    @property
    def _reference(self) -> str:
        """The id by which AKOOL's support finds the call. The live calls have no transaction id."""
        if self.trx_id:
            return f"the trx_id {self.trx_id}"
        if self.session_id:
            return f"the session's id {self.session_id}"
        return "the time of the call"


class ApiError(AkoolError):
    """The service answered with a `code` other than success, which is 1000 (0 from a detector)."""

    advice = "Look the code up in AKOOL's documentation; client.calls shows what was sent."

    def __init__(self, code: int, message: str, *, trx_id: str | None = None, http_status: int | None = None) -> None:
        super().__init__(message, trx_id=trx_id, http_status=http_status)
        self.args = (code, message)
        self.code: int = code


class ParameterError(ApiError):
    """1003: a parameter is wrong or empty."""

    advice = (
        "Check what was sent: client.calls[-1] shows it. If a session refuses a face from a file, detect it in a "
        "picture with a public web address. The code also means that the account may not use the feature."
    )


class VerificationError(ApiError):
    """1004: the account must be verified."""

    advice = "Verify the account on akool.com, then try again."


class RateLimitError(ApiError):
    """1005 or HTTP 429: too many calls in a short time."""

    advice = "Wait a little, then try again."


class InsufficientQuotaError(ApiError):
    """1006 and 1104: the credits are used up."""

    advice = "Top up at akool.com, or go on without an account: akool_nb.connect(sandbox=True)."


class TooManyFacesError(ApiError):
    """1007: more than eight faces."""

    advice = "Send fewer faces, or detect with single_face=True."


class PermissionDeniedError(ApiError):
    """1009: the account may not do this."""

    advice = "Check which plan and which product the account has."


class ContentError(ApiError):
    """1008, 1010, 1011, 1013, 1014, 1222: what the id names is missing, busy or already done."""

    advice = "Check the id: the session may have ended, or it belongs to another account."


class AuthenticationError(ApiError):
    """1101 and 1102: the credentials are wrong or empty, or the token has expired."""

    advice = "Check AKOOL_CLIENT_ID and AKOOL_CLIENT_SECRET (or AKOOL_API_KEY)."


class AccountError(ApiError):
    """1103, 1109, 1200, 1213, 1221: unpaid, missing, blocked or without a subscription."""

    advice = f"Sign in at akool.com and look at the account's state, or {_SUPPORT}."


class MediaError(ApiError):
    """1204, 1207 to 1210: the video or picture is too long, too large or of a kind not supported."""

    advice = "Send a smaller file in a common format."


class AvatarError(ApiError):
    """1105, 1111, 1214 to 1220, 1223: errors of avatars, which this package does not use."""

    advice = "This package makes no avatars: check base_url; client.calls[-1] shows what was sent."


class ProcessingError(ApiError):
    """1015 to 1017, 1108 and others: the service failed while it processed the request."""

    advice = _AGAIN


class DetectionError(ApiError):
    """A detector's `error_code` other than 0: it could not use the picture."""

    advice = "Check that the picture's address is public and that it is a JPG, PNG, BMP or WEBP."


class ServerError(ApiError):
    """2001, or HTTP 5xx with a response of the API."""

    advice = f"The fault is in the service. {_AGAIN}"


class NoFaceError(AkoolError):
    """The detector found no face in the picture."""

    advice = "Use a picture that shows a face from the front, at least 80×80 pixels large."


class PhotoError(AkoolError, ValueError):
    """The argument is not a picture, or the picture cannot be read or used."""


class OptsError(AkoolError, ValueError):
    """The text or the list of points is not valid as `opts`."""


class TokenFormatError(AkoolError, ValueError):
    """The text is not an Agora token of version 007."""


class MissingCredentials(AkoolError):
    """There are no credentials, or half of a pair is missing."""

    advice = (
        "Set AKOOL_API_KEY, or AKOOL_CLIENT_ID and AKOOL_CLIENT_SECRET, or use akool_nb.connect(sandbox=True), "
        "which needs no account."
    )


class SessionClosed(AkoolError):
    """The session was closed; it takes no further requests."""

    advice = "Open a new one with client.create(face)."


class SandboxError(AkoolError):
    """The sandbox did not start."""


class TransportError(AkoolError):
    """No usable response came."""


class ConnectionFailed(TransportError):
    """The host was not reached, or it closed the connection before its response was complete."""

    advice = "Check the network (and HTTPS_PROXY, if there is one), then try again."


class CertificateError(ConnectionFailed):
    """The certificate of the host could not be checked, so nothing was sent."""

    advice = "Behind a company's proxy, name its certificates: REQUESTS_CA_BUNDLE=/path/to/file.pem."


class ConnectionRefused(ConnectionFailed):
    """The host was reached, but nothing listens at the port. For a sandbox: it has ended."""


class DeadlineExceeded(TransportError):
    """The call, retries included, took longer than its time limit."""

    advice = "Try again, or allow more time: Client(timeout=60)."


class BadResponse(TransportError):
    """The response is not one of the API."""

    advice = "Check base_url and any proxy in between; client.calls[-1] shows what came."


class OutcomeUnknown(TransportError):
    """`create` was sent, but its response was lost: a session may be open and billed."""

    advice = (
        "Compare client.credits() with the balance before, and again after a minute: if it falls, a session is open. "
        "Its id is not known here; it ends by itself after 60 minutes at the latest. Sessions whose ids are known are "
        "closed by `akool-nb sessions --close`."
    )


class Code(NamedTuple):
    """One row of the table of codes: what it means, which error it becomes, and its own advice, if it has one."""

    meaning: str
    error: type[ApiError]
    advice: str = ""


CODES: dict[int, Code] = {
    1: Code("the detector could not use the picture", DetectionError),
    1003: Code("parameter error, or a parameter is empty", ParameterError),
    1004: Code("verification required", VerificationError),
    1005: Code("too frequent", RateLimitError),
    1006: Code("quota insufficient", InsufficientQuotaError),
    1007: Code("too many faces, eight at most", TooManyFacesError),
    1008: Code("content missing", ContentError),
    1009: Code("permission denied", PermissionDeniedError),
    1010: Code("content cannot be operated", ContentError),
    1011: Code("content already operated", ContentError),
    1013: Code("use audio in video", ContentError, "Send a video with sound, or a file without video."),
    1014: Code("resource missing, or no access to it", ContentError),
    1015: Code("video processing", ProcessingError),
    1016: Code("face swapping", ProcessingError),
    1017: Code("audio not created", ProcessingError),
    1101: Code("authorization invalid, or the token is illegal or expired", AuthenticationError),
    1102: Code("authorization empty: no token or key was sent", AuthenticationError),
    1103: Code("unpaid or overdue", AccountError),
    1104: Code("quota insufficient, or credit insufficient", InsufficientQuotaError),
    1105: Code("avatar processing", AvatarError),
    1108: Code("image processing", ProcessingError),
    1109: Code("account missing", AccountError),
    1110: Code("audio processing", ProcessingError),
    1111: Code("avatar callback", AvatarError),
    1112: Code("voice processing", ProcessingError),
    1200: Code("account blocked, banned or suspended", AccountError),
    1201: Code("create audio", ProcessingError),
    1202: Code("lip sync, same language", ProcessingError),
    1203: Code("video and audio", ProcessingError),
    1204: Code("video too long", MediaError, "Send at most 60 seconds of video."),
    1205: Code("create video", ProcessingError),
    1206: Code("background change", ProcessingError),
    1207: Code("video too large", MediaError, "Send a file of at most 300 MB."),
    1208: Code("video parsing", MediaError),
    1209: Code("encoding unsupported", MediaError),
    1210: Code("fps (frames per second) too high", MediaError, "Send at most 30 frames per second."),
    1211: Code("create lip sync", ProcessingError),
    1212: Code("sentiment analysis", ProcessingError),
    1213: Code("subscription required", AccountError),
    1214: Code("avatar in processing", AvatarError),
    1215: Code("avatar busy", AvatarError),
    1216: Code("avatar session missing", AvatarError),
    1217: Code("avatar callback", AvatarError),
    1218: Code("avatar processing", AvatarError),
    1219: Code("avatar closed", AvatarError),
    1220: Code("avatar upload", AvatarError),
    1221: Code("not subscribed", AccountError),
    1222: Code("resource exists", ContentError),
    1223: Code("avatar upload exceeded", AvatarError),
    **dict.fromkeys(range(1232, 1237), Code("knowledge base", ApiError)),
    2001: Code("server error", ServerError),
}


def from_code(code: int, message: str = "", *, trx_id: str | None = None, http_status: int | None = None) -> ApiError:
    """The error of a code; an unknown code is judged by its HTTP status, else it is a plain `ApiError`."""
    row = CODES.get(code, Code(f"the service answered with code {code}", _by_status(http_status)))
    error = row.error(code, message or row.meaning, trx_id=trx_id, http_status=http_status)
    error.advice = row.advice or error.advice
    return error


def _by_status(http_status: int | None) -> type[ApiError]:
    if (http_status or 0) >= 500:
        return ServerError
    return {401: AuthenticationError, 403: PermissionDeniedError, 429: RateLimitError}.get(http_status or 0, ApiError)
