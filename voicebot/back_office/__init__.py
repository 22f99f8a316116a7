"""What the company's own systems ask us, over HTTP: whether a validation token is worth something."""
