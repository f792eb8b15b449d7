"""A request that takes longer than the client's timeout."""

from akool_nb import Sandbox, errors

with Sandbox(latency=2) as slow:
    hasty = slow.client(timeout=0.5)
    try:
        hasty.credits()
    except errors.DeadlineExceeded as error:
        timeout_error = answer = error
