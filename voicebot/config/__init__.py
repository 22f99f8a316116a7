"""The operator's wishes: typed settings, opening hours, grammars and prompts, read once and refused in words if wrong."""
