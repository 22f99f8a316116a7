"""What the core needs of the world, one Protocol a file. Nothing here does anything; values come from `dialogue` and `floor`."""
