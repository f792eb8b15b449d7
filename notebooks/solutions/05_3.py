"""The share of the frames that arrived within 50 ms."""


def share_in_time(delays):
    in_time = sum(delay <= 50 for delay in delays)
    return in_time / len(delays)


answer = share_in_time
