"""Callbacks without a call: the JSON API for the company's other systems, and the customers' own page."""
