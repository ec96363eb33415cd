"""The journal of a job: what has been done, in a file that survives the process."""
