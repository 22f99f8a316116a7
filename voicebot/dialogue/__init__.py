"""The conversation, pure: events in, actions out. No I/O, no clock, no thread; the standard library and phonenumbers."""
