"""The report as GitLab's Code Quality file."""
