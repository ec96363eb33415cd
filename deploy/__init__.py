"""What puts edgelift into an account: the Lambda layer."""
