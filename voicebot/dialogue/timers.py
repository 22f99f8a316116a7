"""The times that the dialogue asks to be woken at, by name."""

from datetime import timedelta

BOT_TIME_IS_UP = "bot_time_is_up"
BOT_TIME = timedelta(minutes=10)  # so long may the machine keep a caller before a person takes over

STEP_UP_OVER = "step_up_over"  # a proof counts no longer

PAYMENT_SILENT = "payment_silent"  # nothing was heard of a payment for longer than anything takes

DIAL_OVER = "dial_over"  # whoever we call back should have pressed a key by now

HELD_TOO_LONG = "held_too_long"
HOLD_AT_MOST = timedelta(minutes=10)  # then the caller is brought back, whoever has forgotten them

CLOSED_MEANWHILE = "closed_meanwhile"  # closing time and the queue's own `serve_after_closing`
WAITED_TOO_LONG = "waited_too_long"  # after the queue's own `max_wait`
