"""What is sent to the company's own addresses: signed, over TLS, to the public internet only. Knows neither calls nor reports."""
