"""Loads the plugin for everything that pytest runs in this tree."""

pytest_plugins = ["stackproof.plugin"]
