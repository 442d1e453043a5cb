"""Parts as a CycloneDX document, by the standard's own library; the same parts give the same bytes."""

from __future__ import annotations

import uuid
import warnings
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING

from stackproof.errors import UsageError
from stackproof.project.model import Use
from stackproof.sbom.parts import Part, Parts

if TYPE_CHECKING:
    from cyclonedx.model import ExternalReference, HashType
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component
    from cyclonedx.model.license import License

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "stackproof.example.com")
LICENCE_CAP = 200  # characters
_KINDS = {"sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512", "sha1": "SHA-1", "md5": "MD5"}


def document(parts: Parts, name: str, version: str, moment: datetime) -> str:
    """The JSON of CycloneDX 1.6.

    Args:
        name: of the project; `version` is "" where it has none.
        moment: the time that the document carries.

    Raises:
        UsageError: the library is not installed.
    """
    try:
        from cyclonedx.output.json import JsonV1Dot6
    except ImportError as error:
        hint = "pip install 'stackproof[sbom]'"
        raise UsageError("the library of CycloneDX is not installed", hint=hint) from error
    bom = _bom(parts, name, version, moment)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library warns of a graph that is not whole; the document says so itself
        draft = JsonV1Dot6(bom).output_as_string(indent=2)
        bom.serial_number = uuid.uuid5(NAMESPACE, draft)
        return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _bom(parts: Parts, name: str, version: str, moment: datetime) -> Bom:
    from cyclonedx.model import Property
    from cyclonedx.model.bom import Bom, BomMetaData
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.tool import ToolRepository

    tool = Component(name="stackproof", version=version_of("stackproof"), type=ComponentType.APPLICATION)
    root = Component(name=name, version=version or None, type=ComponentType.APPLICATION, bom_ref="project")
    said = [Property(name="stackproof:source", value=parts.source)]
    if not parts.has_graph:
        said.append(Property(name="stackproof:graph", value="the source does not tell what asks for what"))
    metadata = BomMetaData(component=root, timestamp=moment, tools=ToolRepository(components=[tool]), properties=said)
    names = Counter(f"{one.name}=={one.version}" for one in parts.every)
    references = [f"{one.name}=={one.version}" for one in parts.every]
    references = [one if names[one] == 1 else f"{one}#{number}" for number, one in enumerate(references)]
    components = [_component(one, reference) for one, reference in zip(parts.every, references, strict=True)]
    bom = Bom(metadata=metadata, components=components, serial_number=uuid.UUID(int=0))
    if parts.has_graph:
        bom.register_dependency(root, [components[number] for number in parts.asked])
        for one, component in zip(parts.every, components, strict=True):
            bom.register_dependency(component, [components[number] for number in one.needs])
    return bom


def _component(part: Part, reference: str) -> Component:
    from cyclonedx.model import Property
    from cyclonedx.model.component import Component, ComponentScope, ComponentType
    from packageurl import PackageURL

    scopes = {Use.DEVELOPMENT: ComponentScope.EXCLUDED, Use.OPTIONAL: ComponentScope.OPTIONAL}
    where = {"repository_url": part.origin.index, "vcs_url": part.origin.repository}
    qualifiers = {key: value for key, value in where.items() if value}
    purl = PackageURL("pypi", name=part.name, version=part.version or None, qualifiers=qualifiers or None)
    told = {"stackproof:place": part.place, "stackproof:marker": part.marker}
    return Component(
        name=part.name,
        version=part.version or None,
        type=ComponentType.LIBRARY,
        bom_ref=reference,
        purl=purl,
        scope=scopes.get(part.use, ComponentScope.REQUIRED),
        licenses=_licences(part.licence),
        external_references=_references(part),
        properties=[Property(name=key, value=value) for key, value in told.items() if value],
    )


def _licences(said: str) -> list[License]:
    from cyclonedx.contrib.license.factories import LicenseFactory
    from cyclonedx.model.license import LicenseAcknowledgement

    text = " ".join(said.split())[:LICENCE_CAP]
    if not text:
        return []
    return [LicenseFactory().make_from_string(text, license_acknowledgement=LicenseAcknowledgement.DECLARED)]


def _references(part: Part) -> list[ExternalReference]:
    """One for each file; digests whose files the lock does not name stand together, at the index's page."""
    from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri

    found: dict[str, list[str]] = {}
    for one in part.artifacts:
        found.setdefault(one.url or f"https://pypi.org/simple/{part.name}/", []).append(one.digest)
    return [
        ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(url), hashes=_hashes(digests))
        for url, digests in found.items()
    ]


def _hashes(digests: Iterable[str]) -> list[HashType]:
    from cyclonedx.model import HashAlgorithm, HashType

    pairs = (one.replace("=", ":").partition(":") for one in digests)
    return [
        HashType(alg=HashAlgorithm(_KINDS[kind]), content=digest.lower()) for kind, _, digest in pairs if kind in _KINDS
    ]
