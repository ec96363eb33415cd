"""The Lambda handlers, their metrics and re-ingestion, in real runtime clients and with loopback servers."""
