"""What the service's running Celery workers say of themselves.

python celery_running.py APPLICATION
"""

import json
import re
import sys

from celery.app.utils import find_app

EACH = 2.0  # seconds for the answers to one question
OURS = "stackproof-"

app = find_app(sys.argv[1])
result = {"workers": {}, "trouble": ""}
try:
    with app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, timeout=5)
    inspect = app.control.inspect(timeout=EACH)
    reports, stats = inspect.report() or {}, inspect.stats() or {}
    for name in sorted({*reports, *stats}):
        if not name.startswith(OURS):
            pool = (stats.get(name) or {}).get("pool") or {}
            text = str((reports.get(name) or {}).get("ok", ""))
            found = re.search(r"software -> celery:(\S+)", text)
            limits = [one if isinstance(one, int | float) and one else None for one in pool.get("timeouts") or ()]
            result["workers"][name[:200]] = {
                "version": found[1] if found else "",
                "pool": str(pool.get("implementation", ""))[:100],
                "limits": limits[:2],
            }
except Exception as error:
    result["trouble"] = f"{type(error).__name__}: {str(error)[:200]}"
print("\n" + json.dumps({"stackproof": result}))
