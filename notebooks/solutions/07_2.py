"""The photos of a survey in which no face was found."""


def not_found(survey):
    return [row.photo for row in survey if row.error == "NoFaceError"]


answer = not_found
