"""Whole folders and buckets of logs to where they belong, with an account of every record.

`request` makes a plan of what somebody wants, and `job` runs it: objects of a source (`sources`) go through
the engine (`passage`) into a sink (`sinks`), one object at a time for each worker; `journal` keeps what
the sink has confirmed. Nothing here knows the command line.
"""
