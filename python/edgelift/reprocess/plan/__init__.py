"""Requests of jobs, validated and turned into plans."""
