"""Scripts that run inside the target's own interpreter: they import nothing but what the target has.

Each prints one line `{"stackproof": …}`, told from whatever the target itself prints; there are no secrets in it.
"""
