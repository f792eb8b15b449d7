"""Sign in with credentials that do not exist, and keep the error."""

import akool_nb
from akool_nb import ApiError, Client

client = akool_nb.connect()
hosts = {"base_url": client.base_url, "detect_url": client.detect_url}
stranger = Client(client_id="unknown", client_secret="unknown", **hosts)
try:
    stranger.get_token()
except ApiError as error:
    answer = error
