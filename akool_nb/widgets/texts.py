"""Every sentence that the widgets say from Python; what they say in the page stands in web/src/texts."""

from __future__ import annotations

NOT_BUILT = "{path} is missing. Install the package, which builds the widgets' scripts: pip install -e ."
UNKNOWN_OPTION = "{widget}() got an unexpected keyword {name!r}. It knows: {known}."
CONSENT_MISSING = "Tick 'I may use this face' first: a face belongs to a person."
UNEXPECTED = "{kind}: {message}"
TOO_LARGE = "The file is larger than {megabytes} MiB. Save the photo smaller, then choose it again."
NO_SESSION = "There is no session yet. Create one first: client.create(face)."
