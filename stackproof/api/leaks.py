"""What an error answer must not tell: stack traces, SQL, settings, paths of the server's files, a debugger.

Each pattern asks for words that only the thing itself writes; a message such as "database error" is none.
"""

from __future__ import annotations

import html
import re
from typing import Any

from stackproof.target.http import Answer

_SEARCHED = 400_000  # characters of an answer
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TEXTS = 2_000  # texts of a JSON answer

_DATABASE, _OWN, _SQL = "an exception of the database", "a database's own message", "SQL"
_NAME = r"[\"'`\[\w.]{1,80}"  # of a table or a column, quoted or not
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("a Python stack trace", r"Traceback \(most recent call last\)"),
    ("a Python stack trace", r'File (?:"|&quot;)[^"\n<>]{1,300}\.pyc?(?:"|&quot;), line \d+'),
    ("a path of the server's files", r"/(?:site|dist)-packages/[\w./-]{1,200}\.py\b"),
    ("a path of the server's files", r"\b[A-Z]:\\(?:Users|inetpub|Program Files)[^\s\"<>]{2,200}"),
    (_DATABASE, r"\b(?:psycopg2?|asyncpg|MySQLdb|pymysql|sqlite3|cx_Oracle)\.(?:errors\.|exceptions\.)?[A-Z]\w+"),
    (_DATABASE, r"\bdjango\.db\.(?:utils|models)\.[A-Z]\w+"),
    (_DATABASE, r"\bsqlalchemy\.(?:exc|orm\.exc)\.[A-Z]\w+|Background on this error at: https?://sqlalche"),
    (_DATABASE, r"\bORA-\d{5}: |\bSQLSTATE\[\w{5}\]|You have an error in your SQL syntax"),
    (_DATABASE, r"\(SQLSTATE \w{5}\)|\bPG::[A-Z]\w+: ERROR:|\bActiveRecord::[A-Z]\w+:|\bMysql2::Error\b"),
    (_DATABASE, r"\bpq: (?:relation|column|syntax error|invalid input|duplicate key|null value)\b"),
    (_DATABASE, r"\bERROR: {1,2}(?:syntax error at or near|operator does not exist|invalid input syntax)"),
    (_OWN, r"invalid input syntax for type \w+: |violates (?:unique|foreign key|not-null|check) constraint \""),
    (_OWN, r"duplicate key value violates unique constraint|\bLINE \d+: (?:SELECT|INSERT|UPDATE|DELETE)\b"),
    (_SQL, rf"\bSELECT\s+(?:DISTINCT\s+)?[\"'`\[(\w.*][^;]{{0,2000}}?\bFROM\s+{_NAME}"),
    (_SQL, rf"\bINSERT INTO\s+{_NAME}\s*\(|\bUPDATE\s+{_NAME}\s+SET\s+{_NAME}\s*=|\bDELETE FROM\s+{_NAME}"),
    ("settings", r"\b(?:DJANGO_SETTINGS_MODULE|SECRET_KEY|ROOT_URLCONF|INSTALLED_APPS|PASSWORD_HASHERS)\b"),
    ("settings", r"(?:DATABASES|DATABASE_URL|CELERY_BROKER_URL)['\"&]{0,2}\s*[:=]"),
    ("settings", r"\b(?:postgres(?:ql)?|mysql|rediss?|amqp)(?:\+\w+)?://[^\s\"'<>]*@"),
    ("a stack trace of Java", r"(?m)^\s*at (?:[a-z]\w*\.)+[A-Z]\w*\.[\w$<>]+\([\w$]+\.java:\d+\)"),
    ("a stack trace of Node.js", r"(?m)^\s*at .{1,200}\((?:file://)?/[^\s()]{1,200}\.[cm]?[jt]s:\d+:\d+\)"),
    ("a stack trace of Node.js", r"(?m)^\s*at (?:async )?(?:file://)?/[^\s()]{1,200}\.[cm]?[jt]s:\d+:\d+\s*$"),
    ("a stack trace of Node.js", r"\\n\s+at .{1,200}/node_modules/"),
    ("a stack trace of Ruby", r"(?m)^\s*(?:from )?/[^\s:]{1,200}\.rb:\d+:in [`']"),
    ("a stack trace of Ruby", r"\b(?:app|lib|config)/[^\s:]{1,200}\.rb:\d+:in [`']"),
    ("a stack trace of Go", r"\bgoroutine \d+ \[[a-z][a-z ,\d]{0,60}\]:"),
    ("a stack trace of Go", r"(?m)^\s+/[^\s:]{1,200}\.go:\d+ \+0x[0-9a-f]+\b"),
    ("a stack trace of .NET", r"(?m)^\s*at (?:[A-Z]\w*\.)+[\w<>]+\(.{0,200}\) in .{1,200}\.cs:line \d+"),
    ("a stack trace of PHP", r"(?m)(?:^|>)#\d+ /[^\s()]{1,200}\.php\(\d+\): "),
    ("a message of PHP's own", r"\bin (?:<b>)?/[^\s<>]{1,200}\.php(?:(?:</b>)? on line (?:<b>)?|:)\d+"),
)
_DEBUG: tuple[tuple[str, str], ...] = (
    ("Django's debug page", r"seeing this error because you have <code>DEBUG = True</code>"),
    ("Django's debug page", r"Using the URLconf defined in <code>"),
    ("Django's debug page", r"<th[^>]*>\s*Django Version:|(?m:^Django Version: \d)"),
    ("Werkzeug's debugger", r"<title>[^<]{0,300}// Werkzeug Debugger</title>|class=\"debugger\""),
    ("Werkzeug's debugger", r"(?:href|src)=[\"']?\?__debugger__=yes"),  # its own links: errors repeat queries
    ("Werkzeug's debugger", r"EVALEX(?:_TRUSTED)?\s*=\s*true"),
    ("Starlette's debug page", r"<h1>500 Server Error</h1>[\s\S]{0,500}<div class=\"traceback-container\">"),
    ("Litestar's debug page", r"<title>Litestar exception page</title>"),
    ("Rails' debug page", r"<title>Action Controller: Exception caught</title>"),
    ("Rails' debug page", r"\"traces\"\s*:\s*\{\s*\"Application Trace\""),
    ("Sinatra's debug page", r"<code>show_exceptions</code>\s+setting"),
    ("Symfony's debug page", r"Symfony Exception</h1>|<div class=\"exception-summary[ \"]"),
    ("Whoops' debug page", r"class=\"Whoops container\""),
    ("Laravel's debug page", r"window\.ignite\s*=|Whoops\\Handler\\PrettyPageHandler"),
    ("Spring's error page with a trace", r"\"trace\"\s*:\s*\"(?:[a-z]\w*\.)+[A-Z]\w*(?:Exception|Error)\b"),
)  # fmt: skip
_COMPILED = tuple((what, re.compile(pattern)) for what, pattern in _PATTERNS)
_COMPILED_DEBUG = tuple((what, re.compile(pattern)) for what, pattern in _DEBUG)


def leak_in(text: str) -> tuple[str, str] | None:
    """(what is leaked, the words that show it) of an error answer, or None."""
    return _first((*_COMPILED_DEBUG, *_COMPILED), text)


def debug_page_in(text: str) -> tuple[str, str] | None:
    """(whose debug page, the words that show it), or None."""
    return _first(_COMPILED_DEBUG, text)


def _first(patterns: tuple[tuple[str, re.Pattern[str]], ...], text: str) -> tuple[str, str] | None:
    searched = text[:_SEARCHED]
    for what, pattern in patterns:
        match = pattern.search(searched)
        if match:
            return what, " ".join(match[0].split())[:120]
    return None


def words_of(answer: Answer) -> str:
    """Everything that an answer says: body, its text where it is a page, its JSON texts unescaped, header values."""
    texts = [answer.body[:_SEARCHED].decode("utf-8", "replace")]
    if "&" in texts[0] and "<" in texts[0]:
        texts.append(html.unescape(_BREAK.sub("\n", texts[0])))
    todo: list[Any] = [answer.json()]
    while todo and len(texts) < _TEXTS:
        value = todo.pop()
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, dict):
            todo.extend(value.values())
        elif isinstance(value, list):
            todo.extend(value)
    texts += [value for name, value in answer.headers.items() if name not in {"set-cookie", "content-security-policy"}]
    return "\n".join(texts)
