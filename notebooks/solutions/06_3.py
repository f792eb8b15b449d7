"""At most three attempts, and only a rate limit is worth another one."""

from akool_nb import errors


def retry(call):
    for attempt in range(3):
        try:
            return call()
        except errors.RateLimitError:
            if attempt == 2:
                raise
    return None


answer = retry
