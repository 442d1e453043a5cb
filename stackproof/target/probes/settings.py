"""The running Django settings that checks ask about; secrets are masked here and never leave the process."""

import datetime
import json
import re

import django
from django.conf import settings

PLAIN = (
    "PASSWORD_HASHERS INSTALLED_APPS MIDDLEWARE AUTH_USER_MODEL DEBUG ALLOWED_HOSTS ROOT_URLCONF ASGI_APPLICATION "
    "WSGI_APPLICATION SECURE_SSL_REDIRECT SECURE_HSTS_SECONDS CORS_ALLOWED_ORIGINS CORS_ALLOW_ALL_ORIGINS "
    "CORS_ALLOWED_ORIGIN_REGEXES CORS_ALLOW_CREDENTIALS REST_FRAMEWORK SIMPLE_JWT CHANNEL_LAYERS CACHES DATABASES "
    "CELERY_BROKER_URL CELERY_RESULT_BACKEND CELERY_ACCEPT_CONTENT CELERY_TASK_SERIALIZER CELERY_RESULT_SERIALIZER "
    "CELERY_BEAT_SCHEDULER CELERY_TASK_ACKS_LATE SPECTACULAR_SETTINGS"
).split()
SECRET = re.compile(r"(?i)(password$|passwd|secret|signing_key|verifying_key|token$|api_?key|dsn|credential)")
USERINFO = re.compile(r"(?<=://)[^/@\s]*@")


def shown(value, name="", depth=0):
    """A JSON-able copy without secrets: by the name of the key, and by the shape of a URL with credentials."""
    if depth > 8:
        return "[deeper]"
    if SECRET.search(str(name)) and not isinstance(value, dict | list | tuple | bool) and value:
        return "[redacted]"
    if isinstance(value, dict):
        return {str(key): shown(one, key, depth + 1) for key, one in list(value.items())[:200]}
    if isinstance(value, list | tuple | set | frozenset):
        return [shown(one, name, depth + 1) for one in list(value)[:200]]
    if isinstance(value, datetime.timedelta):
        return {"seconds": value.total_seconds()}
    if value is None or isinstance(value, bool | int | float):
        return value
    return USERINFO.sub("[redacted]@", str(value))[:500]


django.setup()
print(json.dumps({name: shown(getattr(settings, name)) for name in PLAIN if hasattr(settings, name)}))
