"""Ask the service's Celery workers to answer, over the broker of the service's own settings.

python celery_ping.py APPLICATION
"""

import json
import sys
import time

from celery.app.utils import find_app

WITHIN = 12.0  # seconds
EACH = 2.0

app = find_app(sys.argv[1])
result = {"broker": False, "transport": "", "workers": [], "trouble": ""}
try:
    with app.connection_for_write() as connection:
        result["transport"] = str(getattr(connection.get_transport_cls(), "driver_type", "") or "")
        connection.ensure_connection(max_retries=1, timeout=5)
    result["broker"] = True
except Exception as error:
    result["trouble"] = f"{type(error).__name__}: {str(error)[:200]}"
if result["broker"]:
    deadline = time.monotonic() + WITHIN
    while not result["workers"] and time.monotonic() < deadline:
        try:
            replies = app.control.ping(timeout=EACH) or []
        except Exception as error:
            result["trouble"] = f"{type(error).__name__}: {str(error)[:200]}"
            break
        result["workers"] = sorted(name for reply in replies for name in reply)
print("\n" + json.dumps({"stackproof": result}))
