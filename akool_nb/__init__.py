"""Live face swap inside a Jupyter notebook: AKOOL's API, widgets for it, and a sandbox that needs no account.

The errors are imported at once. Everything else is imported when it is first used (PEP 562), so that `import akool_nb`
imports nothing heavy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from akool_nb import errors as errors
from akool_nb.errors import *  # noqa: F403 - errors.py names each error once

if TYPE_CHECKING:  # editors and mypy do not see what __getattr__ returns
    from akool_nb import agora as agora
    from akool_nb import check as check
    from akool_nb import explore as explore
    from akool_nb import opts as opts
    from akool_nb import samples as samples
    from akool_nb import widgets as widgets
    from akool_nb.agora import AgoraChannel as AgoraChannel
    from akool_nb.agora import RtcToken as RtcToken
    from akool_nb.api.calls import CallLog as CallLog
    from akool_nb.api.client import Client as Client
    from akool_nb.api.models import Detection as Detection
    from akool_nb.api.models import Face as Face
    from akool_nb.api.models import FaceswapStatus as FaceswapStatus
    from akool_nb.api.models import SourceImage as SourceImage
    from akool_nb.api.photo import Photo as Photo
    from akool_nb.api.session import LiveSession as LiveSession
    from akool_nb.connect import connect as connect
    from akool_nb.help_page import help as help
    from akool_nb.plot import plot_faces as plot_faces
    from akool_nb.sandbox import Sandbox as Sandbox
    from akool_nb.widgets.studio import studio as studio

__version__ = "0.1.0"

_MODULE_OF = {
    "AgoraChannel": "agora",
    "CallLog": "api.calls",
    "Client": "api.client",
    "Detection": "api.models",
    "Face": "api.models",
    "FaceswapStatus": "api.models",
    "LiveSession": "api.session",
    "Photo": "api.photo",
    "RtcToken": "agora",
    "Sandbox": "sandbox",
    "SourceImage": "api.models",
    "connect": "connect",
    "help": "help_page",
    "plot_faces": "plot",
    "studio": "widgets.studio",
}
_MODULES = ("agora", "check", "explore", "opts", "samples", "widgets")
_ERRORS = [name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)]

__all__ = sorted([*_ERRORS, *_MODULE_OF, *_MODULES, "errors", "__version__"])


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        module = importlib.import_module(f"{__name__}.{_MODULE_OF[name]}")
        value = getattr(module, name)
        globals()[name] = value  # the next access does not call __getattr__
        return value
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
