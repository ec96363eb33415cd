"""Logs that CloudWatch Logs has stored: the records within subscription envelopes and exports."""
