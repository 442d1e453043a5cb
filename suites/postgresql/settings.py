"""PostgreSQL: the recommended settings."""

import re

from stackproof import View, not_assessed, verifies

TOLERANCE = 0.05  # of the machine's memory: 25 % is met between 20 % and 30 %
STEPS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


@verifies(
    "postgresql.max-connections",
    needs=[View.POSTGRES],
    remedy="max_connections in postgresql.conf; where a pooler makes fewer enough, write a waiver that says so",
)
def max_connections_reaches_the_threshold(postgres, expect, requirement):
    """The server admits as many connections as the clause asks for."""
    postgres.needs_primary()
    seen = int(postgres.setting("max_connections")["setting"])
    reserved = int(postgres.setting("superuser_reserved_connections")["setting"])
    bound = requirement.value
    expect.holds(
        keeps(seen, bound),
        expected=f"max_connections {bound.relation} {bound.number:g}",
        seen=f"max_connections is {seen}, of which {reserved} are kept for superusers",
    )


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
    """Hold a memory setting against the memory of the database's machine, as the descriptor gives it.

    The tolerance is five points of the memory: nobody computes these settings to the byte, and a machine has less
    memory than its name says. "At least" and "at most" have it on their own side only.
    """
    postgres.needs_primary()
    row = postgres.setting(name)
    value = int(row["setting"]) * bytes_of_unit(name, row["unit"])
    bound = requirement.value
    if bound.of is None:
        expect.holds(
            keeps(value, bound),
            expected=f"{name} {bound.relation} {bound.number:.0f} bytes",
            seen=f"{name} is {value} bytes",
        )
        return
    memory = size_of(descriptor.host.database_memory)
    share = value / memory
    low = 0.0 if bound.relation == "<=" else bound.number - TOLERANCE
    high = float("inf") if bound.relation == ">=" else bound.number + TOLERANCE
    expect.holds(
        low <= share <= high,
        expected=f"{name} {bound.relation} {bound.number:.0%} of {bound.of} (tolerance {TOLERANCE:.0%})",
        seen=f"{name} is {value / 1024**2:.0f} MiB, {share:.1%} of {memory / 1024**3:.1f} GiB",
    )


def keeps(seen, bound):
    """Whether a number keeps to an absolute threshold."""
    relations = {">=": seen >= bound.number, "<=": seen <= bound.number, "==": seen == bound.number}
    return relations[bound.relation]


def bytes_of_unit(name, unit):
    """Bytes of a unit of pg_settings: "kB", or "8kB" where the server counts in pages."""
    match = re.fullmatch(r"(\d*)([kMGT]?)B", unit or "B")
    if match is None:
        not_assessed(f"{name} is in a unit that is not known here: {unit}")
    return int(match[1] or 1) * 1024 ** STEPS[match[2].lower()]


def size_of(text):
    """Bytes of "16GiB", "16 GB", "512m" or plain bytes; a letter counts in steps of 1024, as PostgreSQL counts."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*", text.lower())
    if match is None or float(match[1]) <= 0:
        not_assessed(f"host.database_memory is {text!r}; write it like 16GiB")
    return float(match[1]) * 1024 ** STEPS[match[2]]
