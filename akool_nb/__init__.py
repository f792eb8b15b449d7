"""Live face swap inside a Jupyter notebook: AKOOL's API, widgets for it, and a sandbox that needs no account.

Names are loaded when first used (PEP 562), so `import akool_nb` imports nothing heavy.
"""

# ruff: noqa: F401 - the imports for type checkers are the public names

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "agora": ("AgoraChannel", "RtcToken"),
    "calls": ("CallLog",),
    "client": ("Client", "connect"),
    "errors": (
        "AccountError",
        "AkoolError",
        "ApiError",
        "AuthenticationError",
        "AvatarError",
        "BadResponse",
        "CertificateError",
        "ConnectionFailed",
        "ContentError",
        "DeadlineExceeded",
        "DetectionError",
        "InsufficientQuotaError",
        "MediaError",
        "MissingCredentials",
        "NoFaceError",
        "OptsError",
        "OutcomeUnknown",
        "ParameterError",
        "PermissionDeniedError",
        "PhotoError",
        "ProcessingError",
        "RateLimitError",
        "SandboxError",
        "ServerError",
        "SessionClosed",
        "TokenFormatError",
        "TooManyFacesError",
        "TransportError",
        "VerificationError",
    ),
    "help_page": ("help",),
    "models": ("Detection", "Face", "FaceswapStatus", "SourceImage"),
    "photo": ("Photo",),
    "plot": ("plot_faces",),
    "sandbox": ("Sandbox",),
    "session": ("LiveSession",),
    "widgets.studio": ("studio",),
}
"""Which module each public name lives in."""

_MODULES = ("agora", "check", "errors", "explore", "opts", "samples", "widgets")
"""The modules that are public themselves."""

_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = sorted([*_HOME, *_MODULES, "__version__"])

if TYPE_CHECKING:  # so that editors and mypy know what __getattr__ gives
    from akool_nb import agora, check, errors, explore, opts, samples, widgets
    from akool_nb.agora import AgoraChannel, RtcToken
    from akool_nb.calls import CallLog
    from akool_nb.client import Client, connect
    from akool_nb.errors import (
        AccountError,
        AkoolError,
        ApiError,
        AuthenticationError,
        AvatarError,
        BadResponse,
        CertificateError,
        ConnectionFailed,
        ContentError,
        DeadlineExceeded,
        DetectionError,
        InsufficientQuotaError,
        MediaError,
        MissingCredentials,
        NoFaceError,
        OptsError,
        OutcomeUnknown,
        ParameterError,
        PermissionDeniedError,
        PhotoError,
        ProcessingError,
        RateLimitError,
        SandboxError,
        ServerError,
        SessionClosed,
        TokenFormatError,
        TooManyFacesError,
        TransportError,
        VerificationError,
    )
    from akool_nb.help_page import help
    from akool_nb.models import Detection, Face, FaceswapStatus, SourceImage
    from akool_nb.photo import Photo
    from akool_nb.plot import plot_faces
    from akool_nb.sandbox import Sandbox
    from akool_nb.session import LiveSession
    from akool_nb.widgets.studio import studio


def __getattr__(name: str) -> Any:
    if name in _HOME:
        thing = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
        globals()[name] = thing  # the next look finds it without coming here
        return thing
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
