"""Sign in as nobody, and keep the error."""

import akool_nb
from akool_nb import ApiError, Client

client = akool_nb.connect()
nobody = Client(
    client_id="nobody", client_secret="nothing", base_url=client.base_url, detect_url=client.detect_url
)  # both are invented: that is the point
try:
    nobody.get_token()
except ApiError as error:
    answer = error
