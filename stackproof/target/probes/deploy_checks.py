"""What `check --deploy` says of the running settings (tag security), silenced messages included, and some facts."""

import json

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core import checks  # noqa: E402

LEVELS = {checks.WARNING: "warning", checks.ERROR: "error", checks.CRITICAL: "critical"}
FACTS = (
    "DEBUG ALLOWED_HOSTS MIDDLEWARE X_FRAME_OPTIONS SECURE_SSL_REDIRECT SECURE_HSTS_SECONDS "
    "SECURE_CONTENT_TYPE_NOSNIFF SECURE_REFERRER_POLICY "
    "SESSION_COOKIE_SECURE SESSION_COOKIE_HTTPONLY SESSION_COOKIE_SAMESITE CSRF_COOKIE_SECURE "
    "CSRF_USE_SESSIONS SILENCED_SYSTEM_CHECKS"
).split()


def shown(value):
    """A JSON-able copy of a setting that holds no secret."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [str(one)[:200] for one in list(value)[:100]]
    return str(value)[:200]


def installed(*paths):
    """Whether the settings name one of these, or a class derived from one of the middleware among them."""
    from django.utils.module_loading import import_string

    named = [*settings.INSTALLED_APPS, *settings.MIDDLEWARE]
    if any(one in named for one in paths):
        return True
    families = []
    for one in settings.MIDDLEWARE:
        try:
            families += [
                f"{base.__module__}.{base.__qualname__}" for base in getattr(import_string(one), "__mro__", ())
            ]
        except Exception:  # noqa: S112 - what cannot be imported is none of these
            continue
    return any(one in families for one in paths)


found = checks.run_checks(tags=[checks.Tags.security], include_deployment_checks=True)
answer = {
    "django": django.get_version(),
    "messages": [
        {
            "id": str(one.id or ""),
            "level": LEVELS.get(one.level, "critical" if one.level > checks.CRITICAL else "error"),
            "message": " ".join(str(one.msg).split())[:400],
            "silenced": bool(one.is_silenced()),
        }
        for one in found
        if one.level >= checks.WARNING
    ][:200],
    "settings": {name: shown(getattr(settings, name, None)) for name in FACTS},
    "sessions": installed("django.contrib.sessions", "django.contrib.sessions.middleware.SessionMiddleware"),
    "csrf": installed("django.middleware.csrf.CsrfViewMiddleware"),
    "security_middleware": installed("django.middleware.security.SecurityMiddleware"),
    "key": {
        "characters": len(settings.SECRET_KEY),
        "different": len(set(settings.SECRET_KEY)),
        "generated": str(settings.SECRET_KEY).startswith("django-insecure-"),
    },
}
print("\n" + json.dumps({"stackproof": answer}))
