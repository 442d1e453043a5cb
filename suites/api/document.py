"""API: the OpenAPI document, its version and its validity."""

from stackproof import View, faults_of_document, not_assessed, verifies

SHOWN = 3  # faults that the reason names


@verifies(
    "api.openapi-version",
    needs=[View.HTTP],
    remedy='drf-spectacular: SPECTACULAR_SETTINGS = {"OAS_VERSION": "3.1.0", …}, since it says 3.0.3 otherwise',
)
def document_is_of_the_promised_version(api, expect, requirement):
    """The OpenAPI document that the service serves names the promised version of OpenAPI."""
    promised = requirement.value.options
    seen = api.document.version
    line = ".".join(seen.split(".")[:2])
    expect.holds(
        any(line == ".".join(one.split(".")[:2]) for one in promised),
        expected=f"an OpenAPI document of version {' or '.join(promised)}",
        seen=f"{api.document.url} is of version {seen}",
    )


@verifies(
    "api.document-valid",
    needs=[View.HTTP],
    remedy="correct what is named; with drf-spectacular: manage.py spectacular --validate --fail-on-warn",
)
def document_is_valid(api, expect):
    """The OpenAPI document is valid in the version that it names."""
    remote = api.document.remote_references
    if remote:
        not_assessed(
            f"the document refers to {len(remote)} others, such as {remote[0][:80]!r}, which are not fetched: "
            "serve a bundled one"
        )
    faults = faults_of_document(api.document.data)
    expect.holds(
        not faults,
        expected=f"a valid OpenAPI document of version {api.document.version}",
        seen=f"{len(faults)} faults: {'; '.join(faults[:SHOWN])}" if faults else "the document is valid",
        faults=faults[:20],
    )
