"""Who serves whom, pure: agents, work, and the reservation that binds one to the other. No I/O, no clock."""
