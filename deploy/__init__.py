"""Deployment of edgelift into an account: the Lambda layer."""
