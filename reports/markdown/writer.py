"""The report as Markdown for a comment on a pull request: what stands between the run and conformance first.

A comment holds 65,536 characters; what does not fit is left out from the end, and a sentence says how much that was.
Text that comes from a target stands in code spans and fences, where no markup, mention, link or HTML acts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from stackproof.remedies import Remedy, remedy_for
from stackproof.report.model import CheckPart, Report, RequirementPart
from stackproof.report.words import OPEN, clean, in_the_way, one_line, tally
from stackproof.verdict import Verdict

LONGEST = 65_000  # UTF-16 units, as the hosts of pull requests count
SHOWN = 40  # ids in one line
MARK = "<!-- stackproof -->"  # lets a pipeline find its earlier comment again


def pieces(report: Report) -> Iterator[str]:
    """The comment, a section a piece."""
    left = LONGEST - 400  # for the sentence that says what was cut
    cut: Counter[str] = Counter()
    for name, text in _sections(report):
        size = len(text.encode("utf-16-le")) // 2
        if cut or size > left:
            cut["findings" if name == "finding" else "others"] += 1
            continue
        left -= size
        yield text
    if cut:
        yield _cut(cut, report)


def _cut(cut: Counter[str], report: Report) -> str:
    told = [f"{cut['findings']} of {len(in_the_way(report))} findings"] if cut["findings"] else []
    told += [f"{cut['others']} other sections"] if cut["others"] else []
    return (
        f"\n> **Cut here**: {' and '.join(told)} are not shown, because a comment holds {LONGEST:,} characters. "
        "The whole is in report.json; `stackproof render` shows it in any format.\n"
    )


def _sections(report: Report) -> Iterator[tuple[str, str]]:
    yield "head", _head(report)
    found = in_the_way(report)
    violated = [one for one in found if one.verdict is not Verdict.NOT_ASSESSED]
    if found or report.faults:
        yield "heading", f"\n### What stands between this run and conformance: {len(found) + len(report.faults)}\n"
    for fault in report.faults:
        yield "finding", f"\n- waivers and attestations: {span(fault)}\n"
    for one in violated:
        yield "finding", _finding(one, report)
    unseen = [one for one in found if one.verdict is Verdict.NOT_ASSESSED]
    yield from (("open", text) for text in _by_reason(unseen, "Required and not assessed"))
    apart = [one for one in report.derived if one.verdict in OPEN - {Verdict.NOT_ASSESSED}] if not report.strict else []
    if apart:
        yield (
            "heading",
            (f"\n### Derived from public standards: {len(apart)} found, which do not count without `--strict`\n"),
        )
    for one in apart:
        yield "derived", _finding(one, report)
    excused = [one for one in report.requirements if one.waiver or one.attestation]
    if excused:
        yield "excused", "\n### Waived and attested\n\n" + "".join(_excused(one) for one in excused)
    rest = [one for one in report.requirements if one.verdict is Verdict.NOT_ASSESSED and not one.required]
    yield from (("rest", text) for text in _by_reason(rest, "Not assessed and not required in this profile"))
    yield "foot", _foot(report)


def _head(report: Report) -> str:
    own, derived = tally(report.requirements), tally(report.derived)
    lines = [
        MARK,
        f"## Stackproof: {report.level}, {own.assessed} of {own.total} clauses assessed",
        "",
        f"{span(report.target.name)} against {span(report.specification.path)}, profile {span(report.profile)}",
    ]
    if report.partial:
        lines += ["", f"**Partial**: {span(report.partial_reason)}"]
    lines += ["", "| verdict | clauses | derived |", "| --- | ---: | ---: |"]
    lines += [
        f"| {verdict} | {own.by_verdict[verdict]} | {derived.by_verdict[verdict]} |"
        for verdict in Verdict
        if own.by_verdict[verdict] or derived.by_verdict[verdict]
    ]
    lines.append(f"| **all** | **{own.total}** | **{derived.total}** |")
    return "\n".join(lines) + "\n"


def _finding(one: RequirementPart, report: Report) -> str:
    source = f" ({span(one.source, 200)})" if one.source else ""
    lines = [
        "",
        f"#### {one.verdict}: {span(one.id, 120)}",
        "",
        f"- clause: {span(f'{report.specification.path}:{one.line}', 200)} {span(one.text, 500)}{source}",
    ]
    checks = [check for check in one.checks if check.verdict is one.verdict]
    for check in checks[:5]:
        lines += _check(check)
    if len(checks) > 5:
        lines.append(f"- and {len(checks) - 5} more checks")
    if not checks:
        lines.append(f"- reason: {span(one.reason)}")
    lines += _help(checks, remedy_for(one) if one.verdict is Verdict.VIOLATED else None)
    return "\n".join(lines) + "\n"


def _check(check: CheckPart) -> list[str]:
    lines = [f"- check: {span(check.id, 160)}"]
    if check.verdict is Verdict.VIOLATED:
        return [*lines, f"  - expected: {span(check.expected, 600)}", f"  - seen: {span(check.seen, 600)}"]
    return [*lines, f"  - reason: {span(check.reason, 600)}"]


def _help(checks: Iterable[CheckPart], remedy: Remedy | None) -> list[str]:
    again = next((check.reproduce for check in checks if check.reproduce), "")
    if not again and remedy is None:
        return []
    lines = ["", "<details><summary>How to see it again, and what to change</summary>", ""]
    if again:
        lines += [fence(again, "sh", 1_000), ""]
    if remedy is not None:
        lines += [f"What to change: {prose(remedy.text, 800)}", ""]
        if remedy.patch:
            lines += [fence(remedy.patch, "diff", 2_000), ""]
        if re.fullmatch(r"https://[\w./#?=&%:~+-]+", remedy.link):
            lines += [f"Read: <{remedy.link}>", ""]
    return [*lines, "</details>"]


def _by_reason(requirements: list[RequirementPart], heading: str) -> Iterator[str]:
    reasons: dict[str, list[str]] = {}
    for one in requirements:
        reasons.setdefault(one.reason, []).append(one.id)
    if reasons:
        yield f"\n### {heading}: {len(requirements)}\n"
    for reason, ids in reasons.items():
        more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
        yield f"\n- {span(reason, 500)}: {', '.join(span(one, 120) for one in ids[:SHOWN])}{more}\n"


def _excused(one: RequirementPart) -> str:
    if one.waiver:
        who, what, until = one.waiver.owner, one.waiver.reason, one.waiver.expires
    elif one.attestation:
        who, what, until = one.attestation.who, one.attestation.link, one.attestation.expires
    else:
        return ""
    return f"- {one.verdict}: {span(one.id, 120)}, {span(who, 120)}, until {until}: {span(what, 400)}\n"


def _foot(report: Report) -> str:
    digest = report.specification.sha256[:12]
    return (
        f"\n<sub>stackproof {span(report.stackproof_version, 40)}, run {span(report.run_id, 40)}, "
        f"{report.started:%Y-%m-%d %H:%M} UTC, {report.seconds:.0f} s, specification {span(digest)}</sub>\n"
    )


def span(text: str, cap: int = 400) -> str:
    """Text as a code span: nothing in it acts, whatever it holds."""
    text = one_line(text, cap)
    if not text:
        return "(nothing)"
    ticks = "`" * (1 + max((len(one) for one in re.findall("`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def prose(text: str, cap: int) -> str:
    """Text as running words: what Markdown, HTML and the hosts of pull requests know as a sign is taken literally."""
    escaped = re.sub(r"([\\\\`*_\[\]<>&|~@:$#!])", r"\\\1", one_line(text, cap))
    return re.sub(r"([@#])(?=\w)", "\\1\N{ZERO WIDTH SPACE}", escaped)


def fence(text: str, language: str, cap: int) -> str:
    """Text as a fenced block, under a fence that it does not hold."""
    text = clean(text, cap)
    ticks = "`" * max(3, 1 + max((len(one) for one in re.findall("`+", text)), default=0))
    return f"{ticks}{language}\n{text}\n{ticks}"
