"""The service's settings with one declared fault in them."""

import os
import tomllib
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

FAULT = os.environ["STACKPROOF_FAULT"]
CODE = Path(__file__).parent / f"{FAULT}.py"
DECLARATION = tomllib.loads((Path(__file__).parent / f"{FAULT}.toml").read_text(encoding="utf-8"))

if CODE.exists() and "def before_settings(" in CODE.read_text(encoding="utf-8"):
    import_module(f"faults.{FAULT}").before_settings()

from dispatch.settings import *  # noqa: E402, F403


def changed(before: Any, change: Any) -> Any:
    """A setting's new value: {seconds = n} is a duration, {remove = […]} and {first = …} change a list."""
    if not isinstance(change, dict) or set(change) - {"seconds", "remove", "first"}:
        return change
    if set(change) == {"seconds"}:
        return timedelta(seconds=change["seconds"])
    kept = [one for one in before if one not in change.get("remove", [])]
    first = change.get("first")
    return [first, *(one for one in kept if one != first)] if first else kept


for _name, _change in DECLARATION.get("settings", {}).items():
    _setting, _, _key = _name.partition(".")
    if _key:
        globals()[_setting] = globals()[_setting] | {_key: changed(globals()[_setting].get(_key), _change)}
    else:
        globals()[_setting] = changed(globals().get(_setting), _change)

INSTALLED_APPS = [*globals()["INSTALLED_APPS"], "faults"]
