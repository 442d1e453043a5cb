"""Scripts that run inside the target's own interpreter: they import nothing but what the target has.

Each prints one JSON document as its last line; what it prints has no secrets in it.
"""
