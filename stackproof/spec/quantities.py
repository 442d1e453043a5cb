"""Durations, dates, bounds and yes or no in the words that people use; what is ambiguous is None, never a guess."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

from stackproof.spec.model import Threshold
from stackproof.spec.text import outside_parentheses

_WORDS = {
    **dict.fromkeys(("a", "an", "one"), 1.0),
    "half a": 0.5,
    "half an": 0.5,
    **{
        word: float(number)
        for number, word in enumerate(
            [
                "two",
                "three",
                "four",
                "five",
                "six",
                "seven",
                "eight",
                "nine",
                "ten",
                "eleven",
                "twelve",
                "thirteen",
                "fourteen",
                "fifteen",
                "sixteen",
            ],
            start=2,
        )
    },
    "twenty": 20.0,
    "twenty-four": 24.0,
    "thirty": 30.0,
    "forty": 40.0,
    "forty-five": 45.0,
    "sixty": 60.0,
    "ninety": 90.0,
}
_SECONDS = {"ms": 0.001, "mil": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_UNIT = r"ms|millis(?:econds?)?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?"
_NUMBER = r"[0-9]{1,3}(?:[,_][0-9]{3}){1,2}(?![0-9])|[0-9]{1,7}(?:\.[0-9]{1,6})?"
_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
_DURATION = re.compile(
    rf"(?:(?<![\w.,+-])|(?<=[0-9][wdhm]))(?P<number>{_NUMBER}|(?:{_WORD})(?=[\s-]))[\s-]*(?P<unit>{_UNIT})(?![A-Za-z_])",
    re.IGNORECASE,
)
_JOINT = re.compile(r"\s*(?:,|and|,\s*and)?\s*", re.IGNORECASE)
_ISO = re.compile(r"\bP(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?\b", re.ASCII)
_PYTHON = re.compile(r"timedelta\(\s*(weeks|days|hours|minutes|seconds)\s*=\s*([0-9]{1,8})\s*\)")
_ANY_DIGIT = re.compile(r"\d")
_NEGATION = re.compile(
    r"\b(?:not|never|no|without|except|unless|neither|nor|forbidden|prohibited)\b|n't\b", re.IGNORECASE
)

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(?P<year>(?:19|20|21)[0-9]{2})"
_DATE_FORMS = tuple(
    re.compile(rf"(?<![\w./-]){form}(?![\w/-])", re.IGNORECASE)
    for form in (
        rf"{_YEAR}[-/.](?P<m>[0-9]{{1,2}})[-/.](?P<d>[0-9]{{1,2}})",
        rf"(?P<d>[0-9]{{1,2}})\.(?P<m>[0-9]{{1,2}})\.{_YEAR}",
        rf"(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?[ -]{_MONTH}[ -]{_YEAR}",
        rf"{_MONTH}\s(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?,?\s{_YEAR}",
        rf"{_MONTH}[\s,-]+{_YEAR}",
        rf"{_YEAR}[-/](?P<m>[0-9]{{1,2}})",
        rf"(?P<m>[0-9]{{1,2}})/{_YEAR}",
        rf"Q(?P<quarter>[1-4])[\s/-]*{_YEAR}",
        rf"{_YEAR}[\s/-]*Q(?P<quarter>[1-4])",
        _YEAR,
    )
)
_DATE_PREFIX = re.compile(
    r"(?:(?:supported\s+)?(?:until|till|to|through|up to)|end of(?: life)?|eol|ends?)\b:?\s*", re.IGNORECASE
)

_ON = re.compile(
    r"\b(?:enabled?|on|true|yes|required|active|activated|mandatory|always|(?:each|every|any) use)\b", re.IGNORECASE
)
_OFF = re.compile(
    r"\b(?:disabled?|off|false|inactive|deactivated|never|none)\b|^no\b(?=\W*$|[,;.])"
    r"|\bnot\s+(?:enabled|required|active|needed|used|rotated)\b",
    re.IGNORECASE,
)
_SWITCH_IN_REMARK = re.compile(r"\b(?:enabled|disabled|off|true|false)\b", re.IGNORECASE)
_EXCEPTION = re.compile(r"\b(?:except|unless|but not|only|or)\b", re.IGNORECASE)

_LOWER = re.compile(
    r">=|\bat least\b|\bmin(?:imum|\.)?(?=\W|$)|\bno (?:less|fewer) than\b|\bor (?:more|higher|above|greater)\b"
    r"|\band up\b"
)
_UPPER = re.compile(
    r"<=|\bat most\b|\bmax(?:imum|\.)?(?=\W|$)|\bno more than\b|\bup to\b|\bor (?:less|fewer|lower|below)\b"
)
_ABOVE = re.compile(r"(?<![<>=])>(?!=)|\bmore than\b|\bover\b|\babove\b")
_BELOW = re.compile(r"(?<![<>=])<(?!=)|\b(?:less|fewer) than\b|\bunder\b|\bbelow\b")
_VAGUE = re.compile(r"\b(?:about|around|roughly|approx\w*|circa|ca|between|per (?!cent))\b|~|\u2248")
_QUANTITY = re.compile(
    rf"(?<![\w.,-])(?P<number>[0-9]{{8,12}}(?![0-9])|{_NUMBER})\s*(?P<unit>%|percent\b|per cent\b|[kmgt]i?b\b)?"
    r"(?P<plus>\+)?(?![\w%])(?:\s*of\s+(?:the\s+)?(?P<of>[a-z][a-z ]*))?",
)
_MEMORY = re.compile(r"(?:(?:system|total|available|physical|host|server|main|machine)(?:'?s)? )*(?:ram|memory)\b")
_BYTES = {"k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}


def negated(text: str) -> bool:
    """Whether the words turn a statement round or make an exception from it."""
    return bool(_NEGATION.search(text))


def duration(text: str) -> timedelta | None:
    """The one positive duration that the text names ("15 min", "1 hour 30 minutes", "two weeks", "PT15M").

    None without one, with several different ones, with other figures beside it, with a negation, and for months and
    years, which have no fixed length. A parenthesised remark counts only where the text outside names nothing.
    """
    outside = outside_parentheses(text)
    for candidate in (outside, text):
        found, rest = _durations(candidate)
        if found:
            plain = not (
                _ANY_DIGIT.search(rest) or negated(rest) or re.search(r"\b(?:months?|years?)\b", rest, re.IGNORECASE)
            )
            same = len(set(found)) == 1
            return found[0] if plain and same and found[0] > timedelta(0) else None
        if _ANY_DIGIT.search(candidate):
            return None
    return None


def _durations(text: str) -> tuple[list[timedelta], str]:
    """All durations of the text, adjacent ones added up, and the text without them."""
    found = [timedelta(**{match[1]: int(match[2])}) for match in _PYTHON.finditer(text)]
    rest = _PYTHON.sub(" ", text)
    for match in list(_ISO.finditer(rest)):
        weeks, days, hours, minutes, seconds = (int(group or 0) for group in match.groups())
        if any(match.groups()):
            found.append(timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds))
            rest = rest.replace(match[0], " ", 1)
    end, unit = -1, 0.0
    for match in _DURATION.finditer(rest):
        scale = _scale(match["unit"].lower())
        amount = timedelta(seconds=_amount(match["number"]) * scale)
        if end >= 0 and scale < unit and _JOINT.fullmatch(rest[end : match.start()]):
            found[-1] += amount
        else:
            found.append(amount)
        end, unit = match.end(), scale
    return found, _DURATION.sub(" ", rest)


def _scale(unit: str) -> float:
    return next(seconds for prefix, seconds in _SECONDS.items() if unit.startswith(prefix))


def _amount(word: str) -> float:
    known = _WORDS.get(" ".join(word.lower().split()))
    return known if known is not None else float(re.sub("[,_]", "", word))


def day(text: str) -> date | None:
    """The date that the whole text is, a month standing for its last day; None if it is no date."""
    bare = _DATE_PREFIX.sub("", outside_parentheses(text).strip(), count=1).strip()
    return next((_date_of(match) for form in _DATE_FORMS if (match := form.fullmatch(bare))), None)


def day_in(text: str) -> date | None:
    """The one date (month and year at least) that the text mentions; None without one or with several."""
    for form in _DATE_FORMS[:-1]:
        found = {_date_of(match) for match in form.finditer(text)}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _date_of(match: re.Match[str]) -> date | None:
    groups = match.groupdict()
    year = int(groups["year"])
    if groups.get("quarter"):
        month = int(groups["quarter"]) * 3
    elif groups.get("month"):
        month = _MONTHS.index(groups["month"][:3].lower()) + 1
    else:
        month = int(groups.get("m") or 12)
    if not 1 <= month <= 12:
        return None
    last = monthrange(year, month)[1]
    number = int(groups["d"]) if groups.get("d") else last
    return date(year, month, number) if 1 <= number <= last else None


def flag(text: str) -> bool | None:
    """True of "Enabled for logout", False of "Not enabled"; None of neither, of both and of a rule with exceptions.

    A leading word decides and the rest explains it ("Enabled, so that none is used twice").
    """
    outside = outside_parentheses(text)
    off = list(_OFF.finditer(outside))
    on = list(_ON.finditer(_OFF.sub(lambda match: " " * len(match[0]), outside)))
    leading = next((match for match in [*off, *on] if match.start() == 0), None)
    if leading is not None:
        rest = outside[leading.end() :]
        return None if _SWITCH_IN_REMARK.search(rest) or _EXCEPTION.search(rest) else leading in on
    if bool(off) == bool(on) or _EXCEPTION.search(outside):
        return None
    return bool(on) if off or not negated(outside) else None


def bound(text: str, *, share_of: str | None = None) -> Threshold | None:
    """The bound that the text sets ("100+", "at least 200", "25% of RAM"); None if it is ambiguous.

    Args:
        text: the words after the setting's name.
        share_of: what a bare percentage is a share of. Without it a bare percentage is ambiguous.

    A size ("4GB") is given in bytes with PostgreSQL's units, powers of 1024.
    """
    words = outside_parentheses(text).lower().replace(" to be ", " ")
    found = list(_QUANTITY.finditer(words))
    rest = _QUANTITY.sub(" ", words)
    if len(found) != 1 or _ANY_DIGIT.search(rest) or _VAGUE.search(words):
        return None
    match = found[0]
    relation, step = _relation(words, plus=match["plus"] is not None)
    if relation is None or (relation == "==" and negated(rest)):
        return None
    return _measured(match, relation, step, share_of)


def _measured(match: re.Match[str], relation: str, step: int, share_of: str | None) -> Threshold | None:
    number, unit = _amount(match["number"]), match["unit"] or ""
    if unit.startswith(("%", "per")):
        of = "RAM" if match["of"] and _MEMORY.match(match["of"]) else (match["of"] or "").strip() or share_of
        return Threshold(number / 100, relation, of) if of and 0 < number <= 100 and not step else None
    if unit:
        return Threshold(number * _BYTES[unit[0]], relation) if not step else None
    if step and not number.is_integer():
        return None
    return Threshold(number + step, relation)


def _relation(words: str, *, plus: bool) -> tuple[str | None, int]:
    """The relation, and what to add to a whole number so that a strict bound becomes an inclusive one."""
    hits = {
        (">=", 0): plus or bool(_LOWER.search(words)),
        ("<=", 0): bool(_UPPER.search(words)),
        (">=", 1): bool(_ABOVE.search(_LOWER.sub(" ", _UPPER.sub(" ", words)))),
        ("<=", -1): bool(_BELOW.search(_LOWER.sub(" ", _UPPER.sub(" ", words)))),
    }
    chosen = [relation for relation, hit in hits.items() if hit]
    if not chosen:
        return "==", 0
    return chosen[0] if len(chosen) == 1 else (None, 0)
