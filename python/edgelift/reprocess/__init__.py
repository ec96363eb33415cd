"""Reprocesses folders and buckets of logs, with an account of every record.

`plan` turns a request into a plan, and `job` runs it: objects of a source (`sources`) go through
the engine (`pipeline`) into a sink (`sinks`), one object at a time for each worker; `journal` keeps what
the sink has confirmed. Nothing here knows the command line.
"""
