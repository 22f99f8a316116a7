"""Voicebot: answers a company's phone line, finds out who is calling, proves it, and hands the call on."""
