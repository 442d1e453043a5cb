"""Password hashing: what is really stored for an account that has just signed in."""

import hashlib
import os
import re

from psycopg.sql import SQL, Identifier, Literal

from stackproof import NotAssessed, View, not_assessed, verifies

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

# Shapes of stored passwords: Django's, the PHC string format, crypt(3), Werkzeug's; "{bcrypt}" before one is Spring's.
# The group `name` is the algorithm where the shape itself has none; the other groups are parameters. No group holds
# salt or digest.
SHAPES = (
    (
        None,
        r"(?:argon2\$)?\$?(?P<name>argon2(?:id?|d))\$(?:v=(?P<v>\d+)\$)?m=(?P<m>\d+),t=(?P<t>\d+),p=(?P<p>\d+)[$,]",
    ),
    (None, r"\$?(?P<name>pbkdf2(?:[-_]sha\d+)?)\$(?:i=)?(?P<iterations>\d+)[$,]"),
    (None, r"(?P<name>pbkdf2:sha\d+):(?P<iterations>\d+)\$"),
    (None, r"(?P<name>bcrypt_sha256)\$\$2[abxy]\$(?P<cost>\d\d)\$"),
    ("bcrypt", r"(?:bcrypt\$)?\$2[abxy]?\$(?P<cost>\d\d)\$"),
    ("scrypt", r"scrypt\$(?P<N>\d+)\$[^$]+\$(?P<r>\d+)\$(?P<p>\d+)\$"),
    ("scrypt", r"scrypt:(?P<N>\d+):(?P<r>\d+):(?P<p>\d+)\$"),
    ("scrypt", r"\$scrypt\$ln=(?P<ln>\d+),r=(?P<r>\d+),p=(?P<p>\d+)\$|\$7\$"),
    ("yescrypt", r"\$y\$"),
    ("sha512crypt", r"\$6\$(?:rounds=(?P<rounds>\d+)\$)?"),
    ("sha256crypt", r"\$5\$(?:rounds=(?P<rounds>\d+)\$)?"),
    ("md5crypt", r"\$(?:1|apr1)\$"),
    (None, r"(?P<name>(?:unsalted_)?(?:md5|sha1|sha256|sha512))\$"),
    ("md5 or another bare digest of 128 bits", r"[0-9a-fA-F]{32}$"),
    ("sha1 or another bare digest of 160 bits", r"[0-9a-fA-F]{40}$"),
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
def password_of_a_signed_in_account_is_stored_as_specified(session, postgres, descriptor, expect, requirement):
    """The password of an account that has just signed in is stored with the algorithm of the clause."""
    session.login()
    stored, trouble = find_stored(postgres, session.username)
    if not stored:
        not_assessed(
            "no table that can be read has a password column in a row of the account's name"
            + "".join(f"; {one}" for one in trouble[:3])
        )
    digests = digests_of_password(descriptor)
    seen = {}
    for place, value in stored:
        algorithm, parameters = recognise(value, session, digests)
        told = f"{algorithm} {parameters}".rstrip() or f"{len(value)} characters of a format that is not known here"
        expect.note(f"{place}: {told}")
        seen.setdefault(algorithm, f"{place} holds {told}")
    wanted = {name for one in requirement.value.options for name in FAMILIES.get(one, (one.replace("-", "_"),))}
    # Where tables disagree, the one that the service signs in with cannot be told; plain text is wrong in any of them
    if PLAIN not in seen and (len(seen) > 1 or "" in seen):
        not_assessed("; ".join(seen.values()))
    algorithm = PLAIN if PLAIN in seen else next(iter(seen))
    expect.holds(
        algorithm in wanted,
        expected=f"the password to be stored as {' or '.join(requirement.value.options)}",
        seen=seen[algorithm],
    )


def find_stored(postgres, username):
    """(place, value) of each password in a row of the account, and why tables could not be read; none is recorded."""
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
        found += [(f"{'.'.join(table)}.{name}", row[name]) for row in rows for name in secrets if row[name]]
    return list(dict.fromkeys(found)), trouble


def digests_of_password(descriptor):
    """{digest of the account's password, in hexadecimal: its name}: what storage without salt would look like."""
    password = os.environ.get(descriptor.accounts.password_env, "").encode()
    names = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512") if password else ()
    return {hashlib.new(name, password, usedforsecurity=False).hexdigest(): name for name in names}


def recognise(value, session, digests):
    """(algorithm, parameters) of a stored password, without salt and digest; "" where the shape is not known."""
    if session.is_password(value):
        return PLAIN, ""
    bare = re.sub(r"^\{[\w@-]+\}", "", value)
    if bare.lower() in digests:
        return f"{digests[bare.lower()]} without salt", ""
    for name, shape in SHAPES:
        match = re.match(shape, bare)
        if match:
            told = {key: one for key, one in match.groupdict().items() if one is not None}
            algorithm = name or re.sub(r"[-:]", "_", told.pop("name"))
            return algorithm, ",".join(f"{key}={one}" for key, one in told.items())
    return "", ""
