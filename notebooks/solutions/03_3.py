"""The faces of a detection that are at least 80 pixels wide and high."""


def usable(detection):
    return [face for face in detection if face.region[2] >= 80 and face.region[3] >= 80]


answer = usable
