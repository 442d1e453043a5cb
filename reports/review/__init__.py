"""The checklist of the document's review, as Markdown."""
