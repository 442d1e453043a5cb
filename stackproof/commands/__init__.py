"""The commands of `stackproof`, one module each."""
