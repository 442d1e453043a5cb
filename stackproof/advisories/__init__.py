"""What is known against releases: published vulnerabilities, and releases that were yanked."""
