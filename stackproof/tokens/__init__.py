"""Tokens: taken apart, forged, misplaced, guessed, and followed through their lives."""
