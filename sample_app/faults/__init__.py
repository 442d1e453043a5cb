"""Declared ways of breaking this service, one `<name>.toml` each; the service itself knows nothing of them.

A faulty process runs with DJANGO_SETTINGS_MODULE=faults.settings and STACKPROOF_FAULT=<name>. What settings cannot
break, `<name>.py` beside the declaration does in its `apply()`, once the applications are ready, or in its
`before_settings()`, before the service's own settings are imported.
"""
