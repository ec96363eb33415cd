"""The engine by way of `Transformer` and `Stream`: layouts, values, streams, events, replay, bulk bodies."""
