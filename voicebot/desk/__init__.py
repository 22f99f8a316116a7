"""Agents' and supervisors' pages: place and card, toolbar, wallboard, interactions. Shows and passes on; decides nothing."""
