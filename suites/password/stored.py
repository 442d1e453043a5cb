"""Password hashing: what is really stored for an account that has just signed in."""

import re

from psycopg import sql

from stackproof import View, not_assessed, verifies

TEXT_TYPES = ("character varying", "text", "character")
NAMES = re.compile(r"(?i)^(.*_)?(password|passwd|pwd)(_?(hash|digest|encoded))?$|^(hashed|encrypted)_?password$")

# Shapes of stored passwords, most telling first; the words are those of Django and of the PHC string format
SHAPES = (
    (re.compile(r"^(?:argon2\$)?\$?(argon2(?:id|i|d))\$(v=\d+)\$(m=\d+,t=\d+,p=\d+)"), None),
    (re.compile(r"^(pbkdf2_sha\d+|pbkdf2_sha1)\$(\d+)\$"), None),
    (re.compile(r"^(bcrypt(?:_sha256)?)\$"), None),
    (re.compile(r"^\$2[abxy]\$(\d\d)\$"), "bcrypt"),
    (re.compile(r"^(scrypt)\$"), None),
    (re.compile(r"^\$pbkdf2[-\w]*\$"), "pbkdf2"),
    (re.compile(r"^(md5|sha1|sha256|unsalted_\w+)\$"), None),
    (re.compile(r"^[0-9a-f]{32}$"), "md5 without salt"),
    (re.compile(r"^[0-9a-f]{40}$"), "sha1 without salt"),
    (re.compile(r"^[0-9a-f]{64}$"), "sha256 without salt"),
)


@verifies(
    "password.hash-algorithm",
    needs=[View.HTTP, View.ACCOUNTS, View.POSTGRES],
    remedy="Argon2PasswordHasher first in PASSWORD_HASHERS, argon2-cffi installed; old rows follow at the next login",
)
def password_of_a_signed_in_account_is_stored_as_specified(session, postgres, expect, requirement):
    """The password of an account that has just signed in is stored with the algorithm of the clause."""
    session.login()
    wanted = requirement.value.options
    stored = find_stored(postgres, session.username)
    if not stored:
        not_assessed(f"no table of the database has a password column in a row of {session.username}")
    for table, column, value in stored:
        algorithm, parameters = recognise(value, session)
        expect.note(f"{table}.{column}: {algorithm} {parameters}".rstrip())
        if not algorithm:
            not_assessed(f"{table}.{column} holds {len(value)} characters of a format that is not known here")
        expect.holds(
            algorithm in wanted,
            expected=f"the password to be stored as {' or '.join(wanted)}",
            seen=f"{table}.{column} holds {algorithm} {parameters}".rstrip(),
        )


def find_stored(postgres, username):
    """(table, column, value) of each row that has a password and belongs to the account; never recorded."""
    columns = postgres.rows(
        "SELECT table_schema, table_name, column_name FROM information_schema.columns "
        "JOIN information_schema.tables USING (table_schema, table_name) "
        "WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema') "
        "AND data_type IN ('character varying', 'text', 'character') ORDER BY 1, 2, 3 LIMIT 2000"
    )
    tables = {}
    for one in columns:
        tables.setdefault((one["table_schema"], one["table_name"]), []).append(one["column_name"])
    found = []
    for (schema, table), names in tables.items():
        for secret in (name for name in names if NAMES.match(name)):
            for name in (name for name in names if name != secret and not NAMES.match(name)):
                query = sql.SQL("SELECT {} AS stored FROM {} WHERE lower({}) = lower(%s) LIMIT 2").format(
                    sql.Identifier(secret), sql.Identifier(schema, table), sql.Identifier(name)
                )
                rows = postgres.quiet_rows(query, (username,))
                found += [(f"{schema}.{table}", secret, row["stored"]) for row in rows if row["stored"]]
    return list(dict.fromkeys(found))


def recognise(value, session):
    """(algorithm, parameters) of a stored password, without salt and digest; "" where the shape is not known."""
    if session.is_password(value):
        return "plain text", ""
    for shape, name in SHAPES:
        match = shape.match(value)
        if match:
            groups = [group for group in match.groups() if group]
            return (name, "") if name else (groups[0], ",".join(groups[1:]))
    return "", ""
