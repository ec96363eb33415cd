"""Parquet files of logs: their records, their footers and pages."""
