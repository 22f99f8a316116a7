"""One module per command. Each holds `command`, and imports what it needs only when it runs."""
