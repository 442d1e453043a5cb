"""Tests of the service, against a real PostgreSQL and real Redis servers."""
