"""A badge, as a picture and for shields.io."""
