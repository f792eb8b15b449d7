"""Whether a token allows its owner to publish video: privilege 3."""


def allows_sending(token):
    return 3 in token.privileges


answer = allows_sending
