"""Who answers the calls of this notebook?"""

import akool_nb

answer = akool_nb.connect().is_sandbox
