"""Password hashing: what is really stored for an account that has just signed in."""

import re

from stackproof import NotAssessed, View, hash_shapes, not_assessed, recognise_hash, verifies

# Columns that hold the password of the row's account, and not an older one or that of another system (old_password)
NAMES = re.compile(
    r"(?i)^(?:(?:user|account|login)_?)?(?:password|passwd|pwd|passphrase)(?:_?(?:hash|hashed|digest|encoded|crypt))?$"
    r"|^(?:hashed|encrypted|hash|crypted|encoded)_?(?:password|passwd|pwd)$|^(?:pw|pass)_?hash$"
)
TABLES = (
    "SELECT table_schema, table_name, array_agg(column_name::text ORDER BY ordinal_position) AS columns "
    "FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name) "
    "WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema') "
    "AND (data_type IN ('character varying', 'text', 'character') OR udt_name = 'citext') "
    "GROUP BY table_schema, table_name HAVING bool_or(column_name ~* 'pass|pwd|pw_?hash') ORDER BY 1, 2"
)

FAMILIES = {
    "argon2": ("argon2id", "argon2i", "argon2d"),
    "pbkdf2": ("pbkdf2", "pbkdf2_sha1", "pbkdf2_sha256", "pbkdf2_sha512"),
    "bcrypt": ("bcrypt", "bcrypt_sha256"),
}
PLAIN = "plain text"


@verifies(
    "password.hash-algorithm",
    needs=[View.HTTP, View.ACCOUNTS, View.POSTGRES],
    remedy="Argon2PasswordHasher first in PASSWORD_HASHERS, argon2-cffi installed; old rows follow at the next login",
)
def password_of_a_signed_in_account_is_stored_as_specified(session, postgres, expect, requirement):
    """The password of an account that has just signed in is stored with the algorithm of the clause."""
    session.login()
    judge_found(session, postgres, expect, requirement)


@verifies(
    "password.hash-algorithm",
    needs=[View.HTTP, View.ACCOUNTS, View.DISPOSABLE, View.POSTGRES],
    writes=True,
    supplementary=True,
    remedy="make accounts with what hashes passwords at sign-in: what is stored otherwise may never be written again",
)
def password_of_a_new_account_is_found_as_specified(desk, session, postgres, expect, requirement):
    """The row of an account that is made now, and has not signed in, holds its password with the clause's algorithm."""
    judge_found(session.as_account(desk.create()), postgres, expect, requirement)


def judge_found(session, postgres, expect, requirement):
    """What the database holds for the account's password is of the clause's algorithm."""
    seen = {}
    for place, _, value in find_stored(postgres, session.username):
        algorithm, parameters = recognise(value, session)
        told = f"{algorithm} {parameters}".rstrip() or f"{len(value)} characters of a format that is not known here"
        expect.note(f"{place}: {told}")
        seen.setdefault(algorithm, f"{place} holds {told}")
    # Where tables disagree, the one that the service signs in with cannot be told; plain text is wrong in any of them
    if PLAIN not in seen and (len(seen) > 1 or "" in seen):
        not_assessed("; ".join(seen.values()))
    algorithm = PLAIN if PLAIN in seen else next(iter(seen))
    expect.holds(
        algorithm in wanted_by(requirement),
        expected=f"the password to be stored as {' or '.join(requirement.value.options)}",
        seen=seen[algorithm],
    )


def wanted_by(requirement):
    """The names of the clause's algorithms, as hashes bear them."""
    return {name for one in requirement.value.options for name in FAMILIES.get(one, (one.replace("-", "_"),))}


@verifies(
    "password.hash-algorithm",
    needs=[View.DISPOSABLE],
    writes=True,
    supplementary=True,
    remedy="let set_password of the user model alone: it writes what the first of PASSWORD_HASHERS makes",
)
def password_of_a_new_account_is_stored_as_specified(desk, expect, requirement):
    """The password of an account that is made now is stored with the algorithm of the clause, whatever is set."""
    parts = desk.stored(desk.create()).parts
    expect.holds(
        any(part in wanted_by(requirement) for part in parts[:2]),  # "argon2$argon2id$…", "pbkdf2_sha256$…"
        expected=f"the password of a new account to be stored as {' or '.join(requirement.value.options)}",
        seen=f"it is stored as {'$'.join(parts) or 'a format that is not known here'}",
    )


@verifies(
    "password.argon2-parameters-stored",
    needs=[View.HTTP, View.ACCOUNTS, View.POSTGRES],
    remedy="leave the parameters of Argon2PasswordHasher at Django's defaults, or raise them; rows follow at login",
)
def argon2_parameters_of_a_signed_in_account_reach_the_minimum(session, postgres, expect, requirement):
    """The Argon2 hash of an account that has just signed in costs at least one row of OWASP's table."""
    session.login()
    seen = []
    for place, _, value in find_stored(postgres, session.username):
        algorithm, told = recognise(value, session)
        if not algorithm.startswith("argon2"):
            not_assessed(f"{place} holds {algorithm or 'a format not known here'}, which has no parameters of Argon2")
        seen.append((place, told, parameters_in(told)))
    rows = [parameters_in(one) for one in requirement.value.options]
    for place, told, parameters in seen:
        expect.holds(
            any(all(parameters.get(name, 0) >= number for name, number in row.items()) for row in rows),
            expected=f"parameters of Argon2 of at least {' or '.join(requirement.value.options)} (m in KiB)",
            seen=f"{place}: {told}",
        )


def parameters_in(text):
    """{"m": 19456, "t": 2, "p": 1} of "m=19456,t=2,p=1"."""
    return {name: int(number) for name, _, number in (one.partition("=") for one in text.split(","))}


@verifies(
    "password.stored-kinds",
    needs=[View.HTTP, View.ACCOUNTS, View.POSTGRES],
    serial="stored-passwords",  # beside it, another check stores unsound ones for a moment
    remedy="wrap such rows in a slow hash now (Django: a PBKDF2 or Argon2 hasher over the old digest), or void them",
)
def no_account_is_stored_unsoundly(session, postgres, expect, requirement):
    """No account's password is stored in plain text, without salt, or as a single fast digest; kinds are counted."""
    session.login()
    unknown, seen, bad = 0, [], {}
    found = find_stored(postgres, session.username)
    if any(session.is_password(value) for _, _, value in found):
        bad[PLAIN] = 1
    for place, column in {place: column for place, column, _ in found}.items():
        counts = kinds_of(postgres, column)
        unknown += counts.get("", 0)
        told = ", ".join(f"{number} {kind or 'of a format not known here'}" for kind, number in counts.items())
        expect.measured(f"{place}: {told}", kinds={kind or "unknown": number for kind, number in counts.items()})
        seen.append(f"{place}: {told}")
        salted_elsewhere = any(re.search(r"(?i)salt|nonce|iter|param|algo", name) for name in column[3])
        for kind, (_, unsound) in hash_shapes().items():
            if unsound and counts.get(kind) and not ("bare" in kind and salted_elsewhere):
                bad[kind] = bad.get(kind, 0) + counts[kind]
    if not bad:  # of a longer digest without a word before it only the account's own password tells
        own = {recognise(value, session)[0] for _, _, value in found}
        bad = {name: 1 for name in own if name.endswith("without salt")}
    if unknown and not bad:
        not_assessed(f"{unknown} stored passwords are of a format that is not known here; {'; '.join(seen)}")
    expect.holds(
        not bad,
        expected="no password in plain text, without salt, or as a single fast digest",
        seen=", ".join(f"{number} as {kind}" for kind, number in bad.items()) if bad else "; ".join(seen),
    )


def kinds_of(postgres, column):
    """{kind: how many rows of the column hold it}, "" for what has no known shape; empty ones are left out."""
    from psycopg.sql import SQL, Identifier, Literal  # only here and below: the driver takes a while to load

    schema, table, name, _ = column
    bare = SQL("regexp_replace({}::text, '^[{{][[:alnum:]_@-]+[}}]', '')").format(Identifier(name))
    cases = SQL(" ").join(
        SQL("WHEN {} ~ {} THEN {}").format(bare, Literal(shape), Literal(kind))
        for kind, (shape, _) in hash_shapes().items()
    )
    query = SQL(
        "SELECT CASE {} ELSE '' END AS kind, count(*) AS number FROM {} WHERE {}::text <> '' GROUP BY 1"
    ).format(cases, Identifier(schema, table), Identifier(name))
    rows = postgres.quiet_rows(query)
    return {row["kind"]: row["number"] for row in sorted(rows, key=lambda row: -row["number"])}


def find_stored(postgres, username):
    """(place, (schema, table, column, columns), value) of each password in a row of the account; none is recorded."""
    from psycopg.sql import SQL, Identifier, Literal

    found, trouble = [], []
    for one in postgres.quiet_rows(TABLES):
        table, columns = (one["table_schema"], one["table_name"]), one["columns"]
        secrets = [name for name in columns if NAMES.match(name)]
        others = [name for name in columns if name not in secrets]
        if not secrets or not others:
            continue
        query = SQL("SELECT {} FROM {} WHERE lower({}::text) IN ({}) LIMIT 10").format(
            SQL(", ").join(Identifier(name) for name in secrets),
            Identifier(*table),
            Literal(username),
            SQL(", ").join(SQL("lower({}::text)").format(Identifier(name)) for name in others),
        )
        try:
            rows = postgres.quiet_rows(query)
        except NotAssessed as error:
            trouble.append(f"{'.'.join(table)}: {error}")
            continue
        found += [
            (f"{'.'.join(table)}.{name}", (*table, name, tuple(columns)), row[name])
            for row in rows
            for name in secrets
            if row[name]
        ]
    if not found:
        not_assessed(
            "no table that the DSN's account may read has a password column in a row of the account's name "
            "(GRANT SELECT on the table of accounts)" + "".join(f"; {one}" for one in trouble[:3])
        )
    return list(dict.fromkeys(found))


def recognise(value, session):
    """(algorithm, parameters) of a stored password, without salt and digest; "" where the shape is not known."""
    return (PLAIN, "") if session.is_password(value) else recognise_hash(value, session.password_digests())
