"""Discovery: from the URL of a service to a stackproof.toml, by looking and never by inventing."""
