"""The pictures and lessons that the package contains, in a checkout and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

from akool_nb.errors import PhotoError

_HERE = Path(__file__).resolve().parent
_KINDS = (".png", ".jpg", ".jpeg", ".webp")


def lessons() -> Path:
    """The folder of the lessons: `akool_nb/lessons` in a wheel, `notebooks` in a checkout."""
    shipped = _HERE / "lessons"
    return shipped if shipped.is_dir() else _HERE.parent / "notebooks"


def photos() -> list[Path]:
    """All sample photos, in the order of their names; `SOURCES.md` beside them says where each comes from."""
    return sorted(path for path in (lessons() / "photos").glob("*") if path.suffix in _KINDS)


def photo(name: str) -> Path:
    """One sample photo by name, for example `photo("astronaut")`."""
    found = {path.stem: path for path in photos()}
    if name not in found:
        raise PhotoError(f"There is no sample photo {name!r}. Choose one of: {', '.join(found)}.")
    return found[name]
