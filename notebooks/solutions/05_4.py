"""Frames per second: the gaps between the frames, divided by the time they took."""


def frames_per_second(frames):
    seconds = frames[-1].time - frames[0].time
    return (len(frames) - 1) / seconds


answer = frames_per_second
