"""From findings to a descriptor that can be used right away, to try what it says."""

from __future__ import annotations

from typing import Any

from stackproof.accounts.credentials import Credentials
from stackproof.descriptor.model import Descriptor
from stackproof.discovery.facts import TABLES, Findings
from stackproof.discovery.prober import Prober
from stackproof.evidence import Recorder
from stackproof.target.proofs import Proofs
from stackproof.target.session import Session


def data_of(findings: Findings) -> dict[str, Any]:
    """The findings as the data of a stackproof.toml."""
    data: dict[str, Any] = {}
    for table in TABLES:
        facts = findings.tables.get(table, {})
        if not facts or (table.startswith("auth") and not findings.can_sign_in):
            continue
        place = data
        for step in table.split("."):
            place = place.setdefault(step, {})
        place.update({key: fact.value for key, fact in facts.items()})
    return data


def session_of(
    prober: Prober,
    findings: Findings,
    account: Credentials,
    proofs: Proofs | None = None,
    **changes: dict[str, Any],
) -> Session:
    """A session of what was found so far, with changes to single tables ("login", "refresh", "auth", …)."""
    auth: dict[str, Any] = {"login": {"path": "/"}, "protected": {"path": "/"}}
    for table in TABLES:
        part = {key: fact.value for key, fact in findings.tables.get(table, {}).items()}
        if table == "auth":
            auth.update(part)
        elif table.startswith("auth.") and ("path" in part or (table == "auth.csrf" and part)):
            auth[table.removeprefix("auth.")] = part
    for name, change in changes.items():
        if name == "auth":
            auth.update(change)
        else:
            auth[name] = {**auth.get(name, {}), **change}
    about = prober.about.model_dump(exclude_none=True)
    descriptor = Descriptor.model_validate({"target": about, "auth": auth})
    recorder = Recorder(prober.redactor)
    return Session(descriptor, prober.http, recorder, prober.redactor, prober.base_url, account, proofs)
