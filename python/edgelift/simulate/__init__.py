"""A Firehose delivery stream on one machine: records in, documents in an index, failed records in a backup.

Time is virtual and chance has a seed, so that a run takes as long as its work and repeats exactly.
"""
