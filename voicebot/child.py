"""What a process of ours does that another one starts: it knows little of our environment, gives way, ends with its parent."""

import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

SOURCE_ROOT = Path(__file__).resolve().parents[1]
KEPT_VARIABLES = frozenset({"PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV"})
POLITE = 10  # of `nice`: calls that are being answered come first


def environment(also: Callable[[str], bool] = lambda _: False) -> dict[str, str]:
    """What a child needs to know of ours: where Python and this source tree are, and what `also` says. None of our secrets."""
    kept = {name: value for name, value in os.environ.items() if name in KEPT_VARIABLES or also(name)}
    return kept | {"PYTHONPATH": str(SOURCE_ROOT), "PYTHONNOUSERSITE": "1"}


def most_memory() -> int:
    """Bytes that this process had at most. On Linux `getrusage` counts the parent's too, of before this program began."""
    try:
        status = Path("/proc/self/status").read_text("utf-8")
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
    return int(status.partition("VmHWM:")[2].split(maxsplit=1)[0]) * 1024


def give_way() -> None:
    """Behind calls; and Ctrl-C, which reaches the whole terminal, is for the parent to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(POLITE)


def end_after(gone: Callable[[], object]) -> None:
    """End this process at once when `gone` returns, for a parent that was killed cannot end its children."""

    def wait() -> None:
        gone()
        os._exit(1)

    threading.Thread(target=wait, name="parent-watch", daemon=True).start()


def input_closed() -> None:
    """Waits until whoever holds the other end of our standard input, and never writes to it, is gone."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
