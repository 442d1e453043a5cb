"""A bill of materials: what a project's lock names, or its interpreter has installed, as CycloneDX."""
