"""Feeds the API what its own description and Schemathesis think up: `python -m tests.callbacks.fuzz`. See docs/fuzzing.md.

The API of a stage is served on this machine; the exit status is Schemathesis's.
"""

import argparse
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from tests.callbacks.stage import open_stage

# What a description cannot say (which numbers are called, which slots there are) makes a request that fits it be refused; and a
# callback that was cancelled is still there to be read.
NOT_PROMISED = "positive_data_acceptance,use_after_free"
DESCRIPTION = Path(__file__).resolve().parents[2] / "docs" / "callbacks-openapi.yaml"


class Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


def main() -> int:
    """Serve, feed, say what came of it."""
    asked = argparse.ArgumentParser(prog="python -m tests.callbacks.fuzz", description=__doc__)
    asked.add_argument("--examples", type=int, default=200, help="for each operation and phase (default: 200)")
    said, further = asked.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="fuzz-callbacks-") as place:
        stage = open_stage(Path(place))
        server = make_server("127.0.0.1", 0, stage.app, threaded=True, request_handler=Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            return subprocess.run(
                [
                    str(Path(sys.executable).parent / "schemathesis"), "run", str(DESCRIPTION),
                    "--url", f"http://127.0.0.1:{server.server_port}", "--header", f"Authorization: Bearer {stage.key()}",
                    "--max-examples", str(said.examples), "--checks", "all", "--exclude-checks", NOT_PROMISED,
                    "--no-color", *further,
                ], check=False, cwd=place,
            ).returncode  # fmt: skip
        finally:
            server.shutdown()
            stage.close()


if __name__ == "__main__":
    raise SystemExit(main())
