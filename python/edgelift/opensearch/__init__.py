"""What OpenSearch needs for the documents of a configuration, built from the table of fields."""
