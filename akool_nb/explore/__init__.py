"""The explorer's bench: many photos through the detector into one table, and how steady the landmarks are.

survey = detect_many(folder.glob("*.jpg"), client)     # a progress bar; errors are rows, not the end
survey.to_pandas()                                     # one row a photo
survey.contact_sheet()                                 # one picture of all of them
sweep(photo, [turned(photo, 30), worn(photo, 10)], client)
"""

from akool_nb.explore.steadiness import Drift, Variant, blurred, darker, landmark_error, scaled, sweep, turned, worn
from akool_nb.explore.survey import Row, Survey
from akool_nb.explore.walk import detect_many

__all__ = [
    "Drift",
    "Row",
    "Survey",
    "Variant",
    "blurred",
    "darker",
    "detect_many",
    "landmark_error",
    "scaled",
    "sweep",
    "turned",
    "worn",
]
