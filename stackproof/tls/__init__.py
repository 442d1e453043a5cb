"""What a TLS endpoint offers, seen from outside: versions, certificate, trust.

`probe` connects to one endpoint and returns a `TlsSurvey`; it judges nothing.
"""

from stackproof.tls.model import (
    CertificateFacts,
    Starttls,
    TlsSurvey,
    TlsVersion,
    TrustFacts,
    VersionOutcome,
    VersionState,
)
from stackproof.tls.survey import probe

__all__ = [
    "CertificateFacts",
    "Starttls",
    "TlsSurvey",
    "TlsVersion",
    "TrustFacts",
    "VersionOutcome",
    "VersionState",
    "probe",
]
