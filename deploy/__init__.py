"""Build tools for deployment: the Lambda layers and the license notices."""
