#!/usr/bin/env python
"""Django's command line for the dispatch service."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    """Run the command; a wrong environment is one message, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dispatch.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"manage.py: {error}")


if __name__ == "__main__":
    main()
