"""The plain Python implementation alone; tests/engine compares it with the engine."""
