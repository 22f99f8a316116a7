"""Telephones in the browser for the twin: a caller's and the agents'. Loopback only, and only with the links' token."""
