"""OpenSearch as a sink: connection, retries, and what its answers mean."""
