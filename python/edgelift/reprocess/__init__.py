"""Reprocesses folders and buckets of logs, with an account of every record.

`plan` turns a request into a plan, and `job` runs it: objects of a source (`sources`) go through the engine
(`pipeline`) into a sink (`sinks`), one object at a time for each worker, and their failed records into
`error_objects`; `journal` keeps what the sink has confirmed. `single_object` does the same for objects that
are named one by one. Imports point from `job` and `single_object` to `plan`, `journal` and `pipeline`, and
from these to `sources`, `sinks` and `error_objects`; nothing here knows the command line.
"""
