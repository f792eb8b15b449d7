"""One word of advice for each family of errors."""

from akool_nb import errors


def answer(error):
    """Say what to do about an error."""
    if isinstance(error, errors.InsufficientQuotaError):
        return "pay"
    if isinstance(error, errors.AuthenticationError):
        return "sign in"
    return "fix" if isinstance(error, errors.ParameterError) else "look it up"
