"""Whether the service's settings load with the environment at hand, and what pydantic-settings made of it.

python boots.py SALT NAMES_OF_SECRET_VARIABLES…; neither values of variables nor keys are told, only a salted digest
of SECRET_KEY, by which two starts can be compared.
"""

import hashlib
import json
import os
import re
import sys
import typing

GARBAGE = "stackproof-malformed"
SALT, SECRET = sys.argv[1], set(sys.argv[2:])
VALUES = sorted({os.environ[one] for one in SECRET if len(os.environ.get(one, "")) >= 4}, key=len, reverse=True)
INPUT = re.compile(r"input_value=.*?(?=, input_type=|\]|$)")
made, refused = [], []


def masked(text):
    """The text in one line without values of the environment, at most 400 characters."""
    text = INPUT.sub("input_value=...", " ".join(str(text).split()))
    for value in VALUES:
        text = text.replace(value, "[redacted]")
    return text[:400]


def name_of(one):
    """Where a class is defined."""
    return f"{one.__module__}.{one.__qualname__}"


def watch():
    """Note every settings class that is instantiated and every variable that it refuses; None without the package."""
    try:
        import pydantic_settings
        from pydantic import ValidationError
    except ImportError:
        return None
    base = pydantic_settings.BaseSettings
    original = base.__init__

    def watched(*args, **kwargs):
        kind = type(args[0])
        if kind not in made:
            made.append(kind)
        try:
            return original(*args, **kwargs)
        except ValidationError as error:
            for one in error.errors(include_url=False, include_input=False, include_context=False):
                field = str(one["loc"][0]) if one["loc"] else ""
                refused.append({"class": name_of(kind), "field": field, "type": str(one["type"])})
            raise
        except Exception as error:  # pydantic_settings.SettingsError: a variable that is no JSON
            field = re.search(r'field "([^"]+)"', str(error))
            refused.append({"class": name_of(kind), "field": field[1] if field else "", "type": type(error).__name__})
            raise

    watched.__wrapped__ = original
    base.__init__ = watched
    return base


def variables_of(kind, name, field):
    """Names of the variables that fill a field, as they stand in the environment, else as they would be written."""
    alias = field.validation_alias if field.validation_alias is not None else field.alias
    choices = getattr(alias, "choices", [alias])
    given = [one for one in choices if isinstance(one, str)]
    prefix = kind.model_config.get("env_prefix") or ""
    wanted = given or [f"{prefix}{name}"]
    if given and kind.model_config.get("populate_by_name"):
        wanted.append(f"{prefix}{name}")
    if kind.model_config.get("case_sensitive"):
        return wanted
    lower = {one.lower() for one in wanted}
    return sorted(one for one in os.environ if one.lower() in lower) or [wanted[0].upper()]


def is_typed(field):
    """Whether the field's type refuses a word that means nothing."""
    from pydantic import TypeAdapter

    annotation = field.annotation
    plain = [one for one in (annotation, *typing.get_args(annotation)) if isinstance(one, type)]
    if any(issubclass(one, dict | list | set | tuple) or hasattr(one, "model_fields") for one in plain):
        return False  # read as JSON
    try:
        kind = typing.Annotated[(annotation, *field.metadata)] if field.metadata else annotation
        TypeAdapter(kind).validate_python(GARBAGE)
    except ValueError:  # ValidationError is one
        return True
    except Exception:
        return False
    return False


def described(kind):
    """A settings class with its fields."""
    fields = []
    for name, field in list(kind.model_fields.items())[:100]:
        aliases = [field.alias, field.validation_alias, *getattr(field.validation_alias, "choices", [])]
        fields.append(
            {
                "field": name,
                "called": sorted({name, *(one for one in aliases if isinstance(one, str))}),
                "variables": variables_of(kind, name, field),
                "required": field.is_required(),
                "given": any(one in os.environ for one in variables_of(kind, name, field)),
                "typed": is_typed(field),
            }
        )
    file = getattr(sys.modules.get(kind.__module__), "__file__", "") or ""
    return {"class": name_of(kind), "own": "site-packages" not in file, "fields": fields}


base = watch()
answer = {"booted": False, "said": "", "kind": "", "key": "", "pydantic_settings": base is not None}
try:
    import django

    django.setup()
    from django.conf import settings

    key = settings.SECRET_KEY
    key = key if isinstance(key, bytes) else str(key).encode()
    answer |= {"booted": True, "key": hashlib.sha256(SALT.encode() + key).hexdigest()[:24]}
except (Exception, SystemExit) as error:
    answer |= {"said": masked(error), "kind": type(error).__name__}
answer |= {
    "made": [described(one) for one in made[:20]],
    "refused": refused[:50],
    "readers": sorted({"environ", "decouple", "environs", "dynaconf", "configurations"} & set(sys.modules)),
}
print("\n" + json.dumps({"stackproof": answer}))
