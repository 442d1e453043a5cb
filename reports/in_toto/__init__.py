"""in-toto attestation of a test result."""
