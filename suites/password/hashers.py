"""Password hashing: the setting, by what its first entry really makes."""

from stackproof import View, verifies

VARIANT = {"argon2": "argon2id"}  # the family's variant for passwords (RFC 9106, section 4)


@verifies(
    "password.hashers-setting",
    needs=[View.PROJECT],
    remedy="PASSWORD_HASHERS = ['django.contrib.auth.hashers.Argon2PasswordHasher', …older ones after it]",
)
def first_hasher_makes_argon2id(project, expect, requirement):
    """The first of the service's password hashers makes Argon2id hashes.

    The hash decides and not the class's name: a subclass of Argon2PasswordHasher may well make Argon2i.
    """
    seen = project.ask("first_hasher")
    made = [str(part).lower() for part in seen.get("made") or []]
    wanted = [VARIANT.get(one.lower(), one.lower()) for one in requirement.value.options]
    expect.holds(
        any(one in made[:2] for one in wanted),  # "argon2$argon2id$…", "pbkdf2_sha256$…"
        expected=f"the first of PASSWORD_HASHERS to make {' or '.join(wanted)} hashes",
        seen=f"{seen.get('class')} makes {'$'.join(made) or 'a format that is not known here'}",
    )
