"""Makes a telephone model from recordings: read, align, cut, train, write in Vosk's format. README.md tells the way.

Runs in an environment of its own (`requirements-training.txt`); nothing that answers calls imports it.
"""
