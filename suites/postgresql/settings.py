"""PostgreSQL: the recommended settings."""

import re

from stackproof import View, not_assessed, verifies

TOLERANCE = 0.05  # of the machine's memory: 25 % is met between 20 % and 30 %
UNITS = {"": 1, "B": 1, "kB": 1024, "8kB": 8192, "16kB": 16384, "32kB": 32768, "MB": 1024**2, "GB": 1024**3}
PREFIXES = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


@verifies(
    "postgresql.max-connections",
    needs=[View.POSTGRES],
    remedy="max_connections in postgresql.conf; where a pooler makes fewer enough, write a waiver that says so",
)
def max_connections_reaches_the_threshold(postgres, expect, requirement):
    """The server admits as many connections as the clause asks for."""
    seen = int(postgres.setting("max_connections")["setting"])
    bound = requirement.value.number
    if requirement.value.relation == "<=":
        expect.holds(seen <= bound, expected=f"max_connections of at most {bound:g}", seen=f"it is {seen}")
    else:
        expect.that("max_connections", seen).at_least(bound)


@verifies("postgresql.shared-buffers", needs=[View.POSTGRES, View.HOST], remedy="shared_buffers in postgresql.conf")
def shared_buffers_is_the_share_of_memory(postgres, descriptor, expect, requirement):
    """shared_buffers is the share of the machine's memory that the clause names, give or take five points."""
    judge_share(postgres, descriptor, expect, requirement, "shared_buffers")


@verifies(
    "postgresql.effective-cache-size",
    needs=[View.POSTGRES, View.HOST],
    remedy="effective_cache_size in postgresql.conf",
)
def effective_cache_size_is_the_share_of_memory(postgres, descriptor, expect, requirement):
    """effective_cache_size is the share of the machine's memory that the clause names, give or take five points."""
    judge_share(postgres, descriptor, expect, requirement, "effective_cache_size")


def judge_share(postgres, descriptor, expect, requirement, name):
    """Hold a memory setting against the memory of the database's machine, as the descriptor gives it."""
    memory = size_of(descriptor.host.database_memory)
    row = postgres.setting(name)
    unit = UNITS.get(row["unit"] or "")
    if unit is None:
        not_assessed(f"{name} is in a unit that is not known here: {row['unit']}")
    value = int(row["setting"]) * unit
    bound = requirement.value
    if bound.of is None:
        expect.that(f"{name} in bytes", value).at_least(bound.number)
        return
    low = 0.0 if bound.relation == "<=" else bound.number - TOLERANCE
    high = 10.0 if bound.relation == ">=" else bound.number + TOLERANCE
    share = value / memory
    expect.holds(
        low <= share <= high,
        expected=f"{name} at {bound.number:.0%} of {bound.of} (tolerance {TOLERANCE:.0%})",
        seen=f"{name} is {value / 1024**2:.0f} MiB, {share:.1%} of {memory / 1024**3:.1f} GiB",
    )


def size_of(text):
    """Bytes of "16GiB", "16 GB", "512m" or plain bytes; a letter counts in steps of 1024, as PostgreSQL counts."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*", text.lower())
    if match is None or float(match[1]) <= 0:
        not_assessed(f"host.database_memory is {text!r}; write it like 16GiB")
    return float(match[1]) * 1024 ** PREFIXES[match[2]]
