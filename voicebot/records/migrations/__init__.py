"""How a database of any earlier release becomes one of this release. Steps are never edited once released."""
