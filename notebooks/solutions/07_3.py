"""The drift with the largest error; a face that was not found is the worst."""


def error_of(drift):
    return float("inf") if drift.error is None else drift.error


def worst(drifts):
    return max(drifts, key=error_of)


answer = worst
