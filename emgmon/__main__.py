"""``python -m emgmon`` is ``emgmon``."""

import sys

from emgmon.cli import main

sys.exit(main())
