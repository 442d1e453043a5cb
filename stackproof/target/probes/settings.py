"""The running Django settings that checks ask about; secrets are masked here and never leave the process."""

import datetime
import json
import re

import django
from django.conf import settings

PLAIN = (
    "PASSWORD_HASHERS INSTALLED_APPS MIDDLEWARE AUTH_USER_MODEL DEBUG ALLOWED_HOSTS ROOT_URLCONF ASGI_APPLICATION "
    "WSGI_APPLICATION SECURE_SSL_REDIRECT SECURE_HSTS_SECONDS REST_FRAMEWORK SIMPLE_JWT NINJA_JWT CHANNEL_LAYERS "
    "CACHES DATABASES SPECTACULAR_SETTINGS"
).split()
FAMILIES = ("CELERY_", "CORS_")
SECRET = re.compile(r"(?i)(pass(word|wd|phrase)?$|pwd$|secret|keys?$|token$|dsn$|credentials?$)")
MASKED = "[redacted]"
USERINFO = re.compile(r"(?<=://)\S*@")  # up to the last "@": passwords hold "/" and "@" where nobody encoded them
ASSIGNED = re.compile(r"(?i)\b((?:ssl)?password|passwd|pwd|secret|token|key)=('(?:[^'\\]|\\.)*'|[^\s&;]+)")
DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")  # the path of a class
TELLING = 12  # characters from which a secret is looked for by its value: shorter ones are parts of common words


def known_secrets():
    """Long values of settings that a name calls secret, so that a copy under another name is masked too."""
    found = set()

    def walk(value, secret, depth):
        if depth > 8:
            return
        if isinstance(value, dict):
            for key, one in value.items():
                walk(one, secret or bool(SECRET.search(str(key))), depth + 1)
        elif isinstance(value, list | tuple | set | frozenset):
            for one in value:
                walk(one, secret, depth + 1)
        elif secret and isinstance(value, str | bytes) and len(value) >= TELLING:
            text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
            found.update([] if DOTTED.fullmatch(text) else [text])

    for name in dir(settings):
        if name.isupper():
            walk(getattr(settings, name), bool(SECRET.search(name)), 0)
    return sorted(found, key=len, reverse=True)


def text_of(value):
    """The text of any object without the secrets in it, at most 500 characters."""
    try:
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    except Exception:
        return f"[{type(value).__name__}]"
    for secret in SECRETS:
        text = text.replace(secret, MASKED)
    return ASSIGNED.sub(rf"\1={MASKED}", USERINFO.sub(f"{MASKED}@", text))[:500]


def shown(value, secret=False, depth=0):
    """A JSON-able copy; whatever stands under a name that says "secret" is masked, however deep."""
    if depth > 8:
        return "[deeper]"
    if isinstance(value, dict):
        items = list(value.items())[:200]
        return {text_of(key): shown(one, secret or bool(SECRET.search(str(key))), depth + 1) for key, one in items}
    if isinstance(value, list | tuple | set | frozenset):
        return [shown(one, secret, depth + 1) for one in list(value)[:200]]
    if value is None or isinstance(value, bool):
        return value
    if secret:
        return MASKED if value != "" else ""
    if isinstance(value, datetime.timedelta):
        return {"seconds": value.total_seconds()}
    if isinstance(value, int) or (isinstance(value, float) and value - value == 0):  # JSON has no infinity
        return value
    return text_of(value)


django.setup()
SECRETS = known_secrets()
names = [name for name in dir(settings) if name in PLAIN or name.startswith(FAMILIES)]
print("\n" + json.dumps({"stackproof": {name: shown(getattr(settings, name)) for name in names}}))
