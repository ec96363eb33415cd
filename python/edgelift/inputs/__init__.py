"""Files, folders, compression, Parquet and format detection, for the command line and for jobs."""
