"""Voicebot: answers a company's phone line, finds out who is calling, proves it, and hands the call on."""

VERSION = "0.1.0"  # as in pyproject.toml
