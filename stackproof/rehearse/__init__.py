"""An upgrade rehearsed in a scratch folder: what it resolves to, what it breaks, and which package is the culprit."""
