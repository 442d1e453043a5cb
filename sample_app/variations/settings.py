"""The service's settings as one declared variation wants them; a declared fault stays in them."""

import os
import tomllib
from pathlib import Path
from typing import Any

if os.environ.get("STACKPROOF_FAULT"):
    from faults.settings import *  # noqa: F403
else:
    from dispatch.settings import *  # noqa: F403

VARIATION = os.environ["STACKPROOF_VARIATION"]
DECLARATION = tomllib.loads((Path(__file__).parent / f"{VARIATION}.toml").read_text(encoding="utf-8"))


def varied(before: Any, change: Any) -> Any:
    """A setting's new value: {add = […]} lengthens a list, everything else takes its place."""
    return [*before, *change["add"]] if isinstance(change, dict) and set(change) == {"add"} else change


for _name, _change in DECLARATION.get("settings", {}).items():
    _setting, _, _key = _name.partition(".")
    if _key:
        globals()[_setting] = globals()[_setting] | {_key: varied(globals()[_setting].get(_key), _change)}
    else:
        globals()[_setting] = varied(globals().get(_setting), _change)

if _algorithm := DECLARATION.get("serve", {}).get("signing"):
    _keys = {
        "ALGORITHM": _algorithm,
        "SIGNING_KEY": Path(os.environ["STACKPROOF_VARIATION_KEY"]).read_text(encoding="utf-8"),
        "VERIFYING_KEY": Path(os.environ["STACKPROOF_VARIATION_PUBLIC_KEY"]).read_text(encoding="utf-8"),
    }
    SIMPLE_JWT = globals()["SIMPLE_JWT"] | _keys

_apps = [one for one in globals()["INSTALLED_APPS"] if one != "faults"]
INSTALLED_APPS = [*_apps, "variations", *(one for one in globals()["INSTALLED_APPS"] if one == "faults")]
