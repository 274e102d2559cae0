"""Asks the web server of this container whether it lives; exits 1 where it does not."""

import os
import sys
import urllib.request

# A host that the settings refuse is answered with 400.
host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().removeprefix(".")
request = urllib.request.Request(
    "http://127.0.0.1:8000/health/live", headers={"Host": "localhost" if host == "*" else host}
)
try:
    urllib.request.urlopen(request, timeout=5)
except OSError as error:
    sys.exit(f"not alive: {error}")
