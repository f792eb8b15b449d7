"""One word of advice for each kind of error."""

from akool_nb import errors


def answer(error):
    if isinstance(error, errors.InsufficientQuotaError):
        return "pay"
    if isinstance(error, errors.AuthenticationError):
        return "sign in"
    if isinstance(error, errors.ParameterError):
        return "fix"
    return "read the message"
