"""Everything that says Twilio: webhooks in, TwiML out, media streams, REST. It carries; what is said is decided elsewhere."""
