"""How a service is served: many requests at once, streams, disconnects, limits, and bytes that are no good HTTP."""
