"""The HTTP contract without WebSocket, for gunicorn: the fallback where Daphne cannot run."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dispatch.settings")
application = get_wsgi_application()
