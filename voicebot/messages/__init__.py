"""Messages to people outside: notices about callbacks, and what agents write. How they travel is other rooms' business."""
