"""The real server as a child that is started again whenever it was killed: `python -m tests.crash.server SOCKET PLACE SCALE`.

SOCKET is the number of an inherited listening socket, so that requests wait while nobody serves, as they do before the
production supervisor. Everything is imported once; each server is a process forked from this one.
"""

import os
import signal
import socket
import sys
import threading
from pathlib import Path

import uvicorn

from tests.crash.clerk import sit_down
from tests.crash.points import Scythe, Watch
from voicebot.app import build
from voicebot.clock import ScaledClock, SystemClock
from voicebot.config.settings import Settings, load_settings
from voicebot.logs import set_up_logging
from voicebot.serving import ServingPlan, server_config

PID = "pid"


def serve(settings: Settings, listener: socket.socket, place: Path, clock: ScaledClock) -> None:
    """A house with its ports watched, until SIGTERM, or until whoever started all this is gone."""

    def end_with_the_test() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=end_with_the_test, daemon=True).start()
    watch = Watch(Scythe(place))
    house = build(settings, clock, watch.rewired)
    house.flask.wsgi_app = watch.requests(house.flask.wsgi_app)  # type: ignore[method-assign]
    sit_down(house)
    uvicorn.Server(server_config(ServingPlan(""), house.asgi())).run(sockets=[listener])


def main() -> None:
    """Fork a server; another one for each that was killed."""
    listener, place = socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2])
    clock = ScaledClock(float(sys.argv[3]), origin=SystemClock().now())  # all servers live in the same call time
    settings = load_settings(Path(os.environ["VOICEBOT_CONFIG"]), os.environ)
    set_up_logging(settings.deployment.log_level)
    build(settings, clock).close()  # brings in what is imported late, so that a server rises in a third of the time
    while True:
        if (child := os.fork()) == 0:
            serve(settings, listener, place, clock)
            os._exit(0)
        (place / PID).write_text(str(child))
        _, status = os.waitpid(child, 0)
        if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
            sys.exit(1)


if __name__ == "__main__":
    main()
