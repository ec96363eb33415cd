"""Builds, applies and checks the settings of OpenSearch for the documents of a configuration."""
