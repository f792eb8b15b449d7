"""Exploring the detector: many photos in one table, and how steady the landmarks are.

survey = detect_many(folder.glob("*.jpg"), client)     # shows a progress bar; an error is a row
survey.to_pandas()                                     # one row for each photo
survey.contact_sheet()                                 # one picture of all of them
sweep(photo, [turned(photo, 30), degrade(photo, 10)], client)
"""

from akool_nb.explore.probe import probe
from akool_nb.explore.row import Row
from akool_nb.explore.steadiness import (
    Drift,
    Variant,
    blurred,
    darker,
    degrade,
    landmark_error,
    scaled,
    sweep,
    turned,
    worn,
)
from akool_nb.explore.survey import Survey
from akool_nb.explore.walk import detect_many

__all__ = [
    "Drift",
    "Row",
    "Survey",
    "Variant",
    "blurred",
    "darker",
    "degrade",
    "detect_many",
    "landmark_error",
    "probe",
    "scaled",
    "sweep",
    "turned",
    "worn",
]
