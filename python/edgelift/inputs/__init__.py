"""What logs lie in and how they are told from other things: for the command line and for jobs."""
