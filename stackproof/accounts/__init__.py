"""Accounts: the descriptor's own, disposable ones, and how passwords are stored and looked up."""
