"""Password hashing: the setting, by what its first entry really makes."""

from stackproof import View, verifies


@verifies(
    "password.hashers-setting",
    needs=[View.PROJECT],
    remedy="PASSWORD_HASHERS = ['django.contrib.auth.hashers.Argon2PasswordHasher', …older ones after it]",
)
def first_hasher_makes_argon2id(project, expect, requirement):
    """The first of the service's password hashers makes Argon2id hashes."""
    seen = project.ask("first_hasher")
    made = seen.get("made") or []
    wanted = requirement.value.options[0].lower()
    variant = "argon2id" if wanted.startswith("argon2") else wanted
    expect.holds(
        variant in made or (len(made) > 0 and made[0] == wanted and wanted != "argon2"),
        expected=f"the first of PASSWORD_HASHERS to make {variant} hashes",
        seen=f"{seen.get('class')} makes {'$'.join(made) or 'something unknown'}",
    )
