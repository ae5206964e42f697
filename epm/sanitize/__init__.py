"""Sanitization: detection of attacks in the payloads of requests, and middleware that acts.

Detection is pure; the middlewares do no I/O of their own: bytes come from the server that calls
them, log lines go where the caller says.
"""
