"""The web shell: who is signed in, who may open what, how pages look and stay live. Rooms bring pages into it; no business."""
