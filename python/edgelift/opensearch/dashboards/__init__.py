"""Saved objects of OpenSearch Dashboards, built from the table of charts."""
