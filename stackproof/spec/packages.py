"""Which distribution on PyPI a component's name in a table means."""

from __future__ import annotations

import re

from packaging.utils import canonicalize_name

from stackproof.spec.text import slug

_ALIASES = {
    "django-rest-framework": "djangorestframework",
    "drf": "djangorestframework",
    "rest-framework": "djangorestframework",
    "django-channels": "channels",
    "redis-python": "redis",
    "redis-py": "redis",
    "python-redis": "redis",
    "simplejwt": "djangorestframework-simplejwt",
    "simple-jwt": "djangorestframework-simplejwt",
    "django-rest-framework-simplejwt": "djangorestframework-simplejwt",
    "drf-simplejwt": "djangorestframework-simplejwt",
    "drf-stubs": "djangorestframework-stubs",
    "psycopg-3": "psycopg",
    "psycopg3": "psycopg",
    "psycopg-2": "psycopg2",
    "argon2": "argon2-cffi",
    "cors-headers": "django-cors-headers",
    "celery-beat": "django-celery-beat",
    "celery-results": "django-celery-results",
    "sentry": "sentry-sdk",
    "sentry-python": "sentry-sdk",
    "factory-boy": "factory-boy",
    "django-debug-toolbar": "django-debug-toolbar",
    "django-filter": "django-filter",
    "opentelemetry-python": "opentelemetry-api",
    "channels-redis": "channels-redis",
}

_NO_PACKAGES = frozenset(
    [
        "python",
        "cpython",
        "pypy",
        "postgresql",
        "postgres",
        "postgis",
        "redis",
        "redis-server",
        "redis-stack",
        "valkey",
        "keydb",
        "dragonfly",
        "memcached",
        "docker",
        "docker-engine",
        "docker-compose",
        "compose",
        "containerd",
        "podman",
        "kubernetes",
        "k8s",
        "helm",
        "nginx",
        "apache",
        "traefik",
        "caddy",
        "haproxy",
        "envoy",
        "pgbouncer",
        "pgpool",
        "rabbitmq",
        "kafka",
        "nats",
        "elasticsearch",
        "opensearch",
        "mysql",
        "mariadb",
        "sqlite",
        "mongodb",
        "minio",
        "s3",
        "node",
        "node-js",
        "nodejs",
        "npm",
        "yarn",
        "pnpm",
        "java",
        "go",
        "golang",
        "rust",
        "ruby",
        "php",
        "linux",
        "debian",
        "ubuntu",
        "alpine",
        "openssl",
        "git",
        "terraform",
        "opentofu",
        "vault",
        "consul",
        "prometheus",
        "grafana",
        "loki",
        "jaeger",
        "typescript",
        "react",
        "vue",
        "angular",
        "svelte",
        "vite",
        "webpack",
        "tailwind-css",
    ]
)

_PACKAGE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)
_EXTRAS = re.compile(r"\[[\w\s,.-]*\]$")


def package_of(component: str) -> str | None:
    """The normalised PyPI name (PEP 503), or None where the component is no Python package or nobody can tell.

    A single word that could be a package's name is taken as one, unless it names a well-known program; of longer
    names only those in a table of aliases are known ("Django REST Framework").
    """
    name = _EXTRAS.sub("", component.strip()).strip()
    key = slug(name)
    if key in _ALIASES:
        return _ALIASES[key]
    if key in _NO_PACKAGES or not _PACKAGE.fullmatch(name):
        return None
    return str(canonicalize_name(name))
