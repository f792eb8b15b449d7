"""`python -m tests.pictures`."""

import sys

from tests.pictures import main

sys.exit(main())
