"""What became of an interaction, in figures: its journal as one row of facts, and sums of such rows. Pure, like the core beneath.

It knows the journal's words and nothing else: no database, no clock, no page. `docs/metrics.md` has the definitions.
"""
