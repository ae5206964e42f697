"""Sending entries to a log receiver as they come: UDP, TCP or TLS, resumed after any break."""
