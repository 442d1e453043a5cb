"""Every wrong key, type, path and combination of a stackproof.toml: one line with file, line, key and cure, exit 2."""

import re

import pytest

from stackproof.descriptor.locating import lines_of
from stackproof.descriptor.reading import SIZE_CAP, read_descriptor
from stackproof.errors import ExitCode, UsageError

BASE = '[target]\nbase_url = "https://service.example"\n'
AUTH = '[auth.login]\npath = "/login"\n[auth.protected]\npath = "/me"\n'

# What follows BASE or AUTH: (text, line, key, words, cure)
ALONE = [
    ("base_urll = 1", 3, "target.base_urll", "unknown key", "did you mean base_url?"),
    ("colour = 1", 3, "target.colour", "unknown key", "remove it; there are also, base_url"),
    ("password_env = 'X'", 3, "target.password_env", "unknown key here", "did you mean accounts.password_env?"),
    ("password = 'hunter2secret'", 3, "target.password", "a secret does not stand", "name an environment variable"),
    ("timeout = -1", 3, "target.timeout", "is -1", "greater than 0"),
    ("timeout = 500", 3, "target.timeout", "is 500", "at most 120"),
    ("timeout = 'ten'", 3, "target.timeout", 'is "ten" where a number', "write timeout = 10"),
    ("timeout = true", 3, "target.timeout", "where a number", "write timeout = 10"),
    ("requests_per_second = inf", 3, "target.requests_per_second", "no finite number", "write"),
    ("profile = 'remot'", 3, "target.profile", "none of remote, services, full", 'did you mean "remote"?'),
    ("profile = 'x'", 3, "target.profile", "none of", 'write one of "remote"'),
    ("name = 5", 3, "target.name", "is a number where a text", 'write name = "…"'),
    ("also = 'https://b.example'", 3, "target.also", "is a text where a list", "write also ="),
    ("also = ['https://b.example',\n 'b.example']", 4, "target.also.1", 'is "b.example"', "whole URL"),
    ("also = ['https://service.example']", 3, "target.also.0", "named twice", "remove it"),
    ("ca = 'nowhere.pem'", 3, "target.ca", "is not there", "folder of this file"),
    ("ca = '.'", 3, "target.ca", "is a folder", "name a file"),
    ("ca = 'plain.txt'", 3, "target.ca", "is no PEM", "-----BEGIN"),
    ("ca = 7", 3, "target.ca", "is a number where a path", 'write ca = "folder/file"'),
    ("client_key = 'plain.txt'", 3, "target.client_key", "without client_certificate", "add target.client_certificate"),
    ("resolve = { 'service.example' = 'ten' }", 3, 'target.resolve."service.example"', "no IP address", "10.0.0.7"),
    ("resolve = { 'https://x' = '10.0.0.7' }", 3, 'target.resolve."https://x"', "no name of a host", "name alone"),
    ("headers = { 'X Y' = 'a' }", 3, 'target.headers."X Y"', "no header name", "letters"),
    ('headers = { X = "a\\r\\nB: c" }', 3, "target.headers.X", "line break", "in one line"),
    ("headers = { Host = 'a' }", 3, "target.headers.Host", "client itself sets", "remove it"),
    ("headers = { X = 1 }", 3, "target.headers.X", "is a number where a text", "write X ="),
    ("[host]\ndatabase_memory = 'much'", 4, "host.database_memory", 'is "much"', "16GiB"),
    ("[host]\ndocker = ['--context', 'x']", 4, "host.docker", "does not begin with a program", 'write ["docker"]'),
    ("[project]\npath = '.'\nimage = 'A B'", 5, "project.image", "is no image", "registry/name:tag"),
    ("[postgres]\ndsn_env = ''", 4, "postgres.dsn_env", "there is no dsn", "name the variable"),
    ("[postgres]\nprocesses = -1", 4, "postgres.processes", "is -1", "at least 0"),
    ("[postgres.backup]\nnewest = ['./newest backup']", 4, "postgres.backup.newest", "no shell", "write newest ="),
    ("[postgres.backup]\nfolder = 'absent'", 4, "postgres.backup.folder", "is not there", "folder of the backups"),
    ("[postgres.backup]\nfolder = '.'\nnewest = ['a']", 4, "postgres.backup.folder", "beside newest", "one of the two"),
    (
        "[postgres.backup]\nrestore = ['a']\ntake = ['a']\nremove = ['a']",
        4,
        "postgres.backup.restore",
        "where the moment stands",
        "{time}",
    ),
    ("[postgres.backup]\nrestore = ['{time}']\ntake = ['a']", 4, "postgres.backup.restore", "without remove", "remove"),
    (
        "[postgres.backup]\nwriter_env = 'postgresql://u:p@h/d'",
        4,
        "postgres.backup.writer_env",
        "no name of",
        "name the",
    ),
    ("[postgres.backup]\nwithin = 0", 4, "postgres.backup.within", "is 0", "greater than 0"),
    ("[redis.cache]", 3, "redis.cache", "neither url nor url_env", "url_env"),
    ("[redis.cache]", 3, "redis.cache", "neither url nor url_env", "unused = true where there is none"),
    (
        "[redis.broker]\nurl_env = 'A'\nunused = true",
        5,
        "redis.broker.unused",
        "a URL names the server",
        "remove unused",
    ),
    ("[redis.broker]\nunused = false", 3, "redis.broker", "neither url nor url_env", "unused = true"),
    ("[redis.cache]\nurl_env = 'A'\nplain_port = 70000", 5, "redis.cache.plain_port", "is 70000", "at most 65535"),
    ("[redis.cache]\nurl_env = 'A'\nuser = 'redis://me@x'", 5, "redis.cache.user", "not shown", "name of the user"),
    ("[redis.cache]\nurl_env = 'A'\nuser = 'an app'", 5, "redis.cache.user", "no name of a user", "name alone"),
    ("[redis.broker]\nurl_env = 'A'\npressure = 'yes'", 5, "redis.broker.pressure", 'is "yes"', "pressure = true"),
    ("[redis.cache]\nurl_env = 'A'\nneeded = 1", 5, "redis.cache.needed", "is 1", "needed = true"),
    (
        "[redis.broker]\nurl_env = 'A'\nneeded = true",
        5,
        "redis.broker.needed",
        "unknown key",
        "did you mean redis.cache.needed",
    ),
    ("[project]\npath = 'absent'", 4, "project.path", "is not there", "folder of the service's code"),
    ("[project]\npath = 'plain.txt'", 4, "project.path", "is a file", "folder of the service's code"),
    ("[project]\npath = '.'\npython = 'absent'", 5, "project.python", "is not there", ".venv/bin/python"),
    ("[project]\npath = '.'\npython = '.'", 5, "project.python", "is a folder", "bin/python"),
    ("[project]\npath = '.'\npython = 'plain.txt'", 5, "project.python", "cannot be run", ".venv/bin/python"),
    ("[project]\npath = '.'\nenv_file = 'no.env'", 5, "project.env_file", "is not there", "correct the path"),
    ("[project]", 3, "project.path", "is missing", "add path ="),
    ("[clock]\nbase_url = 'https://x.example'", 3, "clock.offset_file", "is missing", "add offset_file"),
    ("[clock]\nbase_url = 'ftp://x'\noffset_file = 'o'", 4, "clock.base_url", 'is "ftp://x"', "whole URL"),
    (
        "[clock]\nbase_url = 'https://x.example'\noffset_file = 'no/o'",
        5,
        "clock.offset_file",
        "folder is not",
        "name the file",
    ),
    ("[restart]", 3, "restart.command", "is missing", 'add command = ["…"]'),
    ("[restart]\ncommand = []", 4, "restart.command", "is empty", "write a value"),
    ("[restart]\ncommand = 'make up'", 4, "restart.command", "is a text where a list", "write command ="),
    ("[restart]\ncommand = ['make up']", 4, "restart.command", "no shell", 'command = ["make", "up"]'),
    ("[drill.postgres]\nstop = ['a']", 3, "drill.postgres.start", "is missing", "add start ="),
    ("[drill.postgres]\nstop = 'a b'\nstart = ['a']", 4, "drill.postgres.stop", "is a text where a list", "write stop"),
    ("[drill.web]\nstop = ['a b']\nstart = ['c']", 4, "drill.web.stop", "no shell", 'stop = ["a", "b"]'),
    ("[drill.web]\nstop = []\nstart = ['c']", 4, "drill.web.stop", "is empty", "write a value"),
    ("[drill.web]\nstop = ['a']\nstart = ['a']", 5, "drill.web.start", "the command of stop", "the command that mends"),
    ("[drill.web]\nstop = ['a']\nstart = ['b']\nwithin = 0", 6, "drill.web.within", "is 0", "greater than 0"),
    ("[drill.web]\nstop = ['a']\nstart = ['b']\nsettle = -1", 6, "drill.web.settle", "is -1", "at least 0"),
    ("[drill.posgres]\nstop = ['a']\nstart = ['b']", 3, "drill.posgres", "unknown key", "did you mean postgres?"),
    (
        "[record]\nread = { path = '/r/{id}' }\ndelete = { path = '/r/{id}' }",
        3,
        "record.create",
        "is missing",
        "add [record.create]",
    ),
    (
        "[record]\ncreate = { path = '/r' }\nread = { path = '/r' }\ndelete = { path = '/r/{id}' }",
        5,
        "record.read.path",
        "the record's id",
        "{id}",
    ),
    (
        "[record]\ncreate = { path = 'r' }\nread = { path = '/r/{id}' }\ndelete = { path = '/r/{id}' }",
        4,
        "record.create.path",
        "no path",
        "begin it with '/'",
    ),
    ("[cors]\nallowed_origins = ['*']", 4, "cors.allowed_origins.0", "every origin", "cors.public = true"),
    ("[cors]\nallowed_origins = ['app.example']", 4, "cors.allowed_origins.0", "no origin", "https://app.example"),
    ("[cors]\npublic = true\ncredentials = true", 5, "cors.credentials", "although cors.public", "remove one"),
    ("[cors]\npublic = 'yes'", 4, "cors.public", 'is "yes"', "write public = true, or false"),
    ("[cors]\npaths = ['me']", 4, "cors.paths.0", "is no path", "begin it with '/'"),
    ("[api]\npublic = ['/health/']", 4, "api.public.0", "no operation", 'write "GET /health/*"'),
    ("[api]\ndocument = 'schema'", 4, "api.document", "is no path", "begin it with '/'"),
    (
        "[celery]\napp = 'a'\n[celery.status]\npath = '/t/'\n[celery.submit]\npath = '/s/'",
        6,
        "celery.status.path",
        "id",
        "{id}",
    ),
    ("[celery]\napp = 'a'\n[celery.submit]\npath = '/s/'", 5, "celery.submit", "without celery.status", "add"),
    ("[celery]\napp = 'a'\n[celery.undo]\npath = '/t/{id}'", 5, "celery.undo", "without celery.submit", "add"),
    ("[celery]\napp = 'a'\nundo_id = 'id'", 5, "celery.undo_id", "without celery.undo", "add [celery.undo]"),
    (
        "[celery]\napp = 'a'\n[celery.status]\npath = '/t/{id}'\n[celery.submit]\npath = '/s/'\n"
        "[celery.undo]\npath = '/t/'",
        10,
        "celery.undo.path",
        "where the id stands",
        "{id}",
    ),
    ("[waiting]\npath = 'wait'", 4, "waiting.path", 'is "wait"', "begin it with '/'"),
    ("[waiting]\npath = '/w'\nstream = 'ticks'", 5, "waiting.stream", 'is "ticks"', "begin it with '/'"),
    ("[waiting]\npath = '/w'\nin_flight = '/a b'", 5, "waiting.in_flight", "with a blank", "%20"),
    ("[waiting]\npath = '/w'\nasynchronous = 'no'", 5, "waiting.asynchronous", 'is "no"', "true, or false"),
    ("[waiting]\npath = '/w/{second}'", 4, "waiting.path", "{second}", "write {seconds}"),
    ("[waiting]\npath = '/w'\nin_flight_field = 'n'", 5, "waiting.in_flight_field", "without in_flight", "add"),
    ("[waiting]\npath = '/w?s={seconds}'\nseconds = 1", 5, "waiting.seconds", "besides {seconds}", "remove"),
    ("[celery]\napp = 'a'\nat_most_once = 'b'", 5, "celery.at_most_once", "is a text where a list", "write at_most"),
    ("[websocket]\npath = 'live'", 4, "websocket.path", 'is "live"', "ws://"),
    ("[websocket]\npath = '/live'\ntoken = 'nowhere'", 5, "websocket.token", 'is "nowhere"', "subprotocol"),
    ("[logs]", 3, "logs", "neither files nor a command", "web.log"),
    ("[logs]\nfiles = 'web.log'", 4, "logs.files", "is a text where a list", "write files ="),
    ("[logs]\nfiles = ['absent.log']", 4, "logs.files.0", "is not there", "correct the path"),
    ("[logs]\nfiles = ['.']", 4, "logs.files.0", "is a folder", "name a file"),
    ("[logs]\nfiles = ['/dev/null']", 4, "logs.files.0", "no regular file", "logs.command"),
    ("[logs]\ncommand = ['docker logs web']", 4, "logs.command", "no shell", 'command = ["docker", "logs", "web"]'),
    ("[logs]\ncommand = ['a']\ntime = ''", 5, "logs.time", "is empty", "name the field"),
    ("[logs]\ncommand = ['a']\nrequest_id_header = 'X Y'", 5, "logs.request_id_header", "no header", "X-Request-ID"),
    ("[errors]\ndsn_env = ''", 4, "errors.dsn_env", "empty", "write"),
    ("[errors]\ndsn_env = 'https://k@sentry.example/1'", 4, "errors.dsn_env", "no name of an", "name the variable"),
    ("[websocket]\npath = '/l'\ntoken = 'subprotocol:a b'", 5, "websocket.token", "no name of a", "subprotocol:NAME"),
    ("[websocket]\npath = '/l'\ntoken = 'query:t'\nquery_token = 't'", 6, "websocket.query_token", "query", "remove"),
    ("[websocket]\npath = '/l'\nextra = { a = 1 }", 5, "websocket.extra", "no message", "message:FIELD"),
    ("[websocket]\npath = '/l'\nping = 'ping'", 5, "websocket.ping", "without pong", "add websocket.pong"),
    ("[websocket]\npath = '/l'\npong = 'pong'", 5, "websocket.pong", "without ping", "add websocket.ping"),
    ("[websocket]\npath = '/l'\nmessage_id = ''", 5, "websocket.message_id", "is empty", "name the field"),
    ("[websocket]\npath = '/l'\nlayer = 'disk'", 5, "websocket.layer", "none of", '"broker"'),
    ("[websocket]\npath = '/l'\nshared = 'yes'", 5, "websocket.shared", 'is "yes"', "write shared = true"),
    ("[websocket]\npath = '/l'\n[websocket.undo]\npath = '/x/{id}'", 5, "websocket.undo", "without websocket", "add"),
    (
        "[websocket]\npath = '/l'\n[websocket.trigger]\npath = '/x'\n[websocket.undo]\npath = '/x/'",
        8,
        "websocket.undo.path",
        "where the id stands",
        "{id}",
    ),
    ("[websocket]\npath = '/l'\n[websocket.trigger]\npath = 'x'", 6, "websocket.trigger.path", "no path", "'/'"),
    ("[accounts]\npassword = 'hunter2secret'", 4, "accounts.password", "a secret", "password_env"),
    ("[accounts]\npassword_env = 'hunter2-secret!'", 4, "accounts.password_env", "no name of an", "name the variable"),
    ("[accounts]\nusername_env = ''", 4, "accounts.username_env", "no command", "name a variable"),
    ("[accounts.disposable]\nthrough_project = true", 4, "accounts.disposable.through_project", "no [project]", "add"),
    ("[accounts.disposable]\ncreate = ['./a']", 4, "accounts.disposable.create", "without delete", "delete"),
    ("[accounts.disposable]\nusername = 'me'", 4, "accounts.disposable.username", "the same", "{random}"),
    (
        "[[waivers]]\nrequirement = 'a'\nowner = 'o'\nreason = 'r'\nexpires = 'soon'",
        7,
        "waivers.0.expires",
        'is "soon", which is no date',
        "2027-03-31",
    ),
    (
        "[[waivers]]\nrequirement = 'a'\nowner = ''\nreason = 'r'\nexpires = 2027-01-01",
        5,
        "waivers.0.owner",
        "empty",
        "write",
    ),
    (
        "[[waivers]]\nrequirement = 'a'\nowner = 'o'\nreason = 'r'\nexpires = 2027-01-01\n"
        "[[waivers]]\nrequirement = 'a'\nowner = 'o'\nreason = 'r'\nexpires = 2027-01-01",
        9,
        "waivers.1.requirement",
        "a second time",
        "remove one",
    ),
    (
        "[[attestations]]\nrequirement = 'a'\nwho = 'o'\nwhen = 2027-02-01\nexpires = 2027-01-01",
        7,
        "attestations.0.expires",
        "before when",
        "correct one",
    ),
    ("[auth]\nlogin = { path = '/l' }", 3, "auth.protected", "is missing", "add [auth.protected] with path"),
    ("[[auth]]", 3, "auth", "is a list where a table", "[table]"),
    ("[autth.login]\npath = '/x'", 3, "autth", "unknown key", "did you mean auth?"),
    ("[a.'b c'.\"d\\u0065\"]\nx = 1", 3, "a", "unknown key", "remove it"),
]

SIGNED_IN = [
    ("[auth.refresh]\npath = 'refresh'", 8, "auth.refresh.path", "is no path", "begin it with '/'"),
    ("[auth.refresh]\npath = '/a b'", 8, "auth.refresh.path", "a blank in it", "%20"),
    ("[auth.refresh]\npath = '/a#b'", 8, "auth.refresh.path", "a fragment", "remove what follows"),
    ("[auth.refresh]\npath = '/r'\nmethod = 'FETCH'", 9, "auth.refresh.method", "none of GET, POST", "did you mean"),
    ("[auth.refresh]\npath = '/r'\nmethod = 'post'", 9, "auth.refresh.method", "none of", 'did you mean "POST"?'),
    ("[auth.refresh]\npath = '/r'\nmethod = 'GET'", 9, "auth.refresh.method", "no body", "auth.refresh.token"),
    ("[auth.refresh]\npath = '/r'\nformat = 'xml'", 9, "auth.refresh.format", "none of json, form", "write one of"),
    (
        "[auth.refresh]\npath = '/r'\ntoken = 'cookie:a b'",
        9,
        "auth.refresh.token",
        "no name of a cookie",
        "cookie:NAME",
    ),
    ("[auth.refresh]\npath = '/r'\ntoken = 'query:t'", 9, "auth.refresh.token", "is no place", "cookie:NAME"),
    ("[auth.refresh]\npath = '/r'\ntoken = ''", 9, "auth.refresh.token", "is no place", "write a body field"),
    ("[auth.refresh]\npath = '/r'\nheaders = { X = \"a\\nb\" }", 9, "auth.refresh.headers.X", "line break", "one line"),
    ("[auth.logout]\npath = '/o'\ntoken = 5", 9, "auth.logout.token", "is a number where a text", "write token"),
    ("[auth.csrf]\npath = '/c'\ncookie = ''", 9, "auth.csrf.cookie", "where the proof stands", "name the cookie"),
    (
        "[auth.csrf]\npath = '/c'\nrefresh_cookie = 'd'",
        9,
        "auth.csrf.refresh_cookie",
        "comes with the tokens",
        "remove path or refresh_cookie",
    ),
    ("[auth]\ncookie_prefix = 'a;b'", 8, "auth.cookie_prefix", "no cookie can hold", 'such as "Bearer "'),
    ("[auth.csrf]\npath = '/c'\nheader = 'X: y'", 9, "auth.csrf.header", "no header name", "X-CSRFToken"),
    ("[auth.signing_key]\nalgorithm = 'none'", 8, "auth.signing_key.algorithm", "no signature", "[auth.signing_key]"),
    ("[auth.signing_key]\nalgorithm = 'HS255'", 8, "auth.signing_key.algorithm", "no signature alg", "HS256"),
    ("[auth.signing_key]\nfile = 'absent.pem'", 8, "auth.signing_key.file", "is not there", "correct the path"),
    ("[auth.signing_key]\nsecret = 'hunter2secret'", 8, "auth.signing_key.secret", "a secret", "with env"),
    (
        "[auth]\nrefresh_tokens = false\n[auth.refresh]\npath = '/r'",
        8,
        "auth.refresh_tokens",
        "is false although",
        "remove",
    ),
    ("[auth]\nrefresh_tokens = 'no'", 8, "auth.refresh_tokens", 'is "no"', "write refresh_tokens = true, or false"),
    ("[auth]\ncarrier = 'body:token'", 8, "auth.carrier", "is a GET, which has no body", "header:NAME"),
    ("[auth]\nscheme = 'Bearer token'", 8, "auth.scheme", "no word", "one word"),
    ("[auth]\nlogins_per_minute = -3", 8, "auth.logins_per_minute", "is -3", "at least 0"),
    ("[auth]\npublic_key = 'absent.pem'", 8, "auth.public_key", "is not there", "correct the path"),
    ("[auth]\njwks = 'https://x.example:99999/k'", 8, "auth.jwks", "no URL", "whole URL"),
]

URLS = [
    ("'service.example'", "write a whole URL"),
    ("'https://'", "write a whole URL"),
    ("'https://u:hunter2secret@service.example'", "[accounts]"),
    ("'https://service.example/?a=1'", "scheme, host and path alone"),
    ("'https://service.example/#a'", "scheme, host and path alone"),
    ("'https://service.example:0'", "whole URL"),
    ("'https://service.example:70000'", "whole URL"),
    ("'https://service.example:http'", "whole URL"),
    ("'https://[::1'", "whole URL"),
    ('"https://service.example\\r\\nX: y"', "whole URL"),
    ("'javascript:alert(1)'", "whole URL"),
    ("''", "whole URL"),
    ("8443", 'write base_url = "…"'),
    ("['https://service.example']", 'write base_url = "…"'),
]

BROKEN = [
    (b"", 1, "target", "is missing", "add [target]"),
    (b"\n\n# nothing\n", 1, "target", "is missing", "add [target]"),
    (b"[target]\n", 1, "target.base_url", "is missing", 'add base_url = "https://service.example"'),
    (b"\n[target]\n", 2, "target.base_url", "is missing", "add base_url"),
    (b"target = 5\n", 1, "target", "is a number where a table", "[table]"),
    (b"\xff\xfe[\x00", 1, "the file", "UTF-16", "save it as UTF-8"),
    (b"\xef\xbb\xbf[target]\n", 1, "the file", "byte order mark", "without one"),
    (b"[target]\nname = '\xe9'\n", 2, "the file", "is not UTF-8 at byte 17", "save it as UTF-8"),
    (b"[target]\nbase_url = https://x\n", 2, "base_url", "is not TOML", "put a text into quotes"),
    (b"[target\n", 1, "target", "is not TOML", "correct the line"),
    (b"[target]\nbase_url 'x'\n", 2, "the file", "is not TOML", 'write key = "value"'),
    (b"[target]\nbase_url = 'x'\nbase_url = 'y'\n", 3, "base_url", "is not TOML", "each key stands once"),
    (b"[target]\nname = 'a'\n[target]\n", 3, "target", "is not TOML", "each table stands once"),
    (b"[target]\nname = 'a\n", 2, "name", "is not TOML", "close the quotes"),
    (b"[target]\nalso = [\n'a'\n", 3, "the file", "is not TOML", "close the list"),
    (b"a = " + b"[" * 50_000, 1, "the file", "nested too deeply", "write tables"),
    (b"# " + b"x" * SIZE_CAP, 1, "the file", "is larger than", "give the path"),
]


def fault_of(path, content):
    """The one line that a file gives."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (path.parent / "plain.txt").write_text("no certificate", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_descriptor(path)
    assert caught.value.exit_code == ExitCode.USAGE
    assert "hunter2" not in str(caught.value)
    return str(caught.value).splitlines()


def check_line(told, path, line, key, words, cure):
    """One line: `file:line: key: what; cure: …`."""
    assert len(told) == 1, told
    start, _, rest = told[0].partition("; cure: ")
    assert start.startswith(f"{path}:{line}: {key}: "), told[0]
    assert words in start, told[0]
    assert cure in (rest or told[0]), told[0]


@pytest.mark.parametrize(("text", "line", "key", "words", "cure"), ALONE, ids=lambda one: str(one)[:30])
def test_a_wrong_key_is_told_with_its_line(tmp_path, text, line, key, words, cure):
    """Types, names, paths and combinations of every table."""
    path = tmp_path / "stackproof.toml"
    told = fault_of(path, BASE + text + "\n")
    if key == "target.client_key":  # the file is there
        told = [one for one in told if "client_certificate" in one]
    check_line(told, path, line, key, words, cure)


@pytest.mark.parametrize(("text", "line", "key", "words", "cure"), SIGNED_IN, ids=lambda one: str(one)[:30])
def test_a_wrong_key_of_the_authentication(tmp_path, text, line, key, words, cure):
    """Operations, places, keys, and what does not go together."""
    path = tmp_path / "stackproof.toml"
    check_line(fault_of(path, BASE + AUTH + text + "\n"), path, line, key, words, cure)


@pytest.mark.parametrize(("url", "cure"), URLS)
def test_a_base_url_that_is_none(tmp_path, url, cure):
    """No scheme, no host, credentials, a query, a port that is none."""
    path = tmp_path / "stackproof.toml"
    check_line(fault_of(path, f"# first\n[target]\nbase_url = {url}\n"), path, 3, "target.base_url", "", cure)


@pytest.mark.parametrize(("content", "line", "key", "words", "cure"), BROKEN, ids=lambda one: str(one)[:30])
def test_a_file_that_is_no_descriptor(tmp_path, content, line, key, words, cure):
    """Empty, no UTF-8, no TOML, endless."""
    path = tmp_path / "stackproof.toml"
    check_line(fault_of(path, content), path, line, key, words, cure)


def test_a_path_that_is_no_file(tmp_path):
    """A folder, and nothing at all."""
    for path in (tmp_path, tmp_path / "absent.toml", tmp_path / "a\0b"):
        with pytest.raises(UsageError, match="cure: give the path"):
            read_descriptor(path)


def test_all_faults_are_told_in_the_order_of_their_lines(tmp_path):
    """Of sense, of type and of files together."""
    path = tmp_path / "stackproof.toml"
    text = "[auth.login]\npath = 'x'\n[target]\nca = 'absent'\nwrong = 1\nbase_url = 'x'\ntimeout = 'a'\n"
    text += "[cors]\npublic = 1\n"
    told = fault_of(path, text)

    lines = [int(re.match(rf"{re.escape(str(path))}:(\d+): ", one)[1]) for one in told]
    assert lines == sorted(lines) == [1, 2, 4, 5, 6, 7, 9]


def test_many_faults_are_cut(tmp_path):
    """A thousand unknown keys give fifty lines and a count."""
    told = fault_of(tmp_path / "stackproof.toml", BASE + "".join(f"k{number} = 1\n" for number in range(1_000)))

    assert len(told) == 51
    assert "950 faults more" in told[-1]


def test_hostile_text_stays_in_its_line(tmp_path):
    """Line breaks, escapes and endless words of a key or a value cannot forge a line."""
    text = BASE + '"\\u001b[31m\\nx:1: y" = 1\nprofile = "a\\n\\u001b' + "z" * 5_000 + '"\n'
    told = fault_of(tmp_path / "stackproof.toml", text)

    assert len(told) == 2
    assert all("\x1b" not in one and len(one) < 700 for one in told)


@pytest.mark.parametrize(
    ("good"),
    [
        "base_url = 'https://service.example/shop'",
        "base_url = 'http://127.0.0.1:8000'",
        "base_url = 'http://[::1]:8000/'",
        "base_url = 'https://s.example'\nheaders = { X-Tenant = 'a b' }\nresolve = { 's.example' = '::1' }",
        "base_url = 'https://s.example'\n[accounts]\ncommand = ['./a', '--json']",
        "base_url = 'https://s.example'\n[api]\npublic = ['GET /health/*', '* /x']",
        "base_url = 'https://s.example'\n[cors]\nallowed_origins = ['https://a.example:8443', 'capacitor://localhost']",
        "base_url = 'https://s.example'\n[postgres]\n[redis.cache]\nurl_env = 'CACHE'",
        "base_url = 'https://s.example'\n[auth]\ncarrier = 'cookie:jwt'\n[auth.login]\npath = '/l'\n"
        "access = 'data.0.a b'\n"
        "extra = { client_secret = 'x' }\n[auth.protected]\npath = 'https://other.example/me?x=1'",
        "base_url = 'https://s.example'\n[websocket]\npath = 'wss://live.example/x'\ntoken = 'query:token'",
    ],
)
def test_a_good_descriptor_is_read(tmp_path, good):
    """What is unusual and right."""
    path = tmp_path / "stackproof.toml"
    path.write_text(f"[target]\n{good}\n", encoding="utf-8")

    assert read_descriptor(path).target.base_url.startswith("http")


def test_lines_of_every_way_to_write_a_key():
    """Dotted and quoted keys, inline tables, arrays over lines, arrays of tables, strings with brackets in them."""
    text = """# a comment with [brackets] and = signs
a.b = 1
"c.d".e = '[x'   # ] = "
[t.u]
list = [
  1, "]", # ]
  { x = 1, y = [2,
    3] },
]
long = \"\"\"
[no.table]
key = 1 \\\"\"\" still
\"\"\"
after = '''
]'''
[[many]]
n = 1
[many.sub]
m = 1
[[many]]
n = 2
[ t . "v w" ]
z = { }
"""
    lines = lines_of(text)

    expected = {
        ("a", "b"): 2,
        ("c.d", "e"): 3,
        ("t", "u"): 4,
        ("t", "u", "list"): 5,
        ("t", "u", "list", 1): 6,
        ("t", "u", "list", 2, "x"): 7,
        ("t", "u", "list", 2, "y", 1): 8,
        ("t", "u", "long"): 10,
        ("t", "u", "after"): 14,
        ("many", 0): 16,
        ("many", 0, "sub", "m"): 19,
        ("many", 1, "n"): 21,
        ("t", "v w"): 22,
        ("t", "v w", "z"): 23,
    }
    assert {path: lines.get(path) for path in expected} == expected
    assert ("no", "table") not in lines


def test_the_login_of_the_service_stands_in_for_nothing(tmp_path):
    """What signs in in a browser's place is another program, with a URL of its own."""
    path = tmp_path / "stackproof.toml"
    told = fault_of(path, BASE + AUTH.replace("[auth.protected]", "stand_in = true\n[auth.protected]"))

    check_line(told, path, 5, "auth.login.stand_in", "the login is the service's own", "http://127.0.0.1:9400/login")
