"""The ways through a call, one file each. Each knows its own part of `Call` and where it hands on to."""
