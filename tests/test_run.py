"""run.py from outside: a project with an installer that only notes how it was called."""

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

RUN = Path(__file__).resolve().parents[1] / "run.py"

INSTALLER = """\
import os, sys
place = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(place, "installed"), "a") as calls:
    calls.write(" ".join(os.path.basename(word) for word in sys.argv[1:]) + "\\n")
print("Collecting twilio==9.13.0 (from -r requirements.txt)")
print("  Downloading twilio-9.13.0-py3-none-any.whl (1.9 MB)")
print("Collecting sqlite_utils", flush=True)
if os.path.exists(os.path.join(place, "gate")):
    open(os.path.join(place, "gate")).read()  # until somebody opens it
if os.path.exists(os.path.join(place, "fails")):
    print(open(os.path.join(place, "fails")).read())
    sys.exit(1)
print("Successfully installed twilio-9.13.0")
"""
CLI = "import os, sys; print('cli', sys.argv[1:], os.getcwd(), sys.prefix)"


@dataclass
class Project:
    """A project in a place of its own, and what its installer was asked."""

    root: Path

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("VOICEBOT_", "PYTHON"))}
        return kept | {"HOME": str(self.root), "VOICEBOT_PIP": f"{sys.executable} {self.root / 'installer.py'}"} | more

    def start(self, *arguments: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(self.root / "run.py"), *arguments]
        return subprocess.run(
            command, env=self.environment(**more), cwd=cwd or self.root, capture_output=True, text=True, check=False, timeout=60
        )

    def close_gate(self) -> None:
        """From now on the installer stops half-way, until `open_gate`."""
        os.mkfifo(self.root / "gate")

    def open_gate(self) -> None:
        (self.root / "gate").write_text("")
        (self.root / "gate").unlink()

    def installs(self) -> list[str]:
        noted = self.root / "installed"
        return noted.read_text().splitlines() if noted.exists() else []


@pytest.fixture
def place(tmp_path: Path) -> Project:
    shutil.copy(RUN, tmp_path / "run.py")
    (tmp_path / "requirements.txt").write_text("twilio==9.13.0\n")
    (tmp_path / "requirements-dev.txt").write_text("-r requirements.txt\nmypy==2.4.1\n")
    (tmp_path / "voicebot").mkdir()
    (tmp_path / "voicebot" / "__init__.py").write_text("")
    (tmp_path / "voicebot" / "cli.py").write_text(CLI)
    (tmp_path / "installer.py").write_text(INSTALLER)
    return Project(tmp_path)


@pytest.fixture(scope="module")
def run() -> ModuleType:
    spec = importlib.util.spec_from_file_location("run", RUN)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_first_start_installs_and_hands_over_with_all_arguments(place: Project) -> None:
    done = place.start("demo", "--fast")
    assert done.returncode == 0, done.stderr
    assert "cli ['demo', '--fast']" in done.stdout
    assert str(place.root / ".venv") in done.stdout
    assert place.installs() == ["install -r requirements.txt"]


def test_the_next_start_installs_nothing_and_says_nothing(place: Project) -> None:
    place.start("demo")
    done = place.start("demo")
    assert place.installs() == ["install -r requirements.txt"]
    assert done.stdout.startswith("cli ")


def test_changed_requirements_are_installed_again(place: Project) -> None:
    place.start("demo")
    (place.root / "requirements.txt").write_text("twilio==9.14.0\n")
    place.start("demo")
    assert len(place.installs()) == 2


@pytest.mark.parametrize("command", ["test", "check"])
def test_tests_and_checks_bring_their_tools_once(place: Project, command: str) -> None:
    place.start("demo")
    place.start(command)
    place.start(command)
    place.start("demo")
    assert place.installs() == ["install -r requirements.txt", "install -r requirements-dev.txt"]


def test_tools_bring_the_runtime_with_them(place: Project) -> None:
    place.start("test")
    place.start("demo")
    assert place.installs() == ["install -r requirements-dev.txt"]


def test_a_failed_install_is_explained_in_a_sentence_and_tried_again_next_time(place: Project) -> None:
    (place.root / "fails").write_text("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device")
    done = place.start("demo")
    assert done.returncode == 1
    assert "the disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    log = Path(done.stderr.strip().rpartition(" ")[2])
    assert "No space left" in log.read_text()
    (place.root / "fails").unlink()
    assert place.start("demo").returncode == 0
    assert len(place.installs()) == 2


def test_a_failed_change_leaves_no_stamp_of_the_old_state(place: Project) -> None:
    place.start("demo")
    before = (place.root / "requirements.txt").read_text()
    (place.root / "requirements.txt").write_text("nonsense==1\n")
    (place.root / "fails").write_text("boom")
    place.start("demo")
    (place.root / "fails").unlink()
    (place.root / "requirements.txt").write_text(before)
    place.start("demo")
    assert len(place.installs()) == 3


def test_a_half_made_environment_is_made_again(place: Project) -> None:
    place.start("demo")
    (place.root / ".venv" / "bin" / "python").unlink()
    done = place.start("demo")
    assert done.returncode == 0, done.stderr
    assert len(place.installs()) == 2


def test_an_interrupted_install_is_done_again(place: Project) -> None:
    place.close_gate()
    with subprocess.Popen(
        [sys.executable, str(place.root / "run.py"), "demo"], env=place.environment(), stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        for line in first.stdout:
            if "twilio" in line:
                break
        first.kill()
    place.open_gate()
    assert place.start("demo").returncode == 0
    assert len(place.installs()) == 2


def test_two_starts_at_once_install_once(place: Project) -> None:
    place.close_gate()
    command = [sys.executable, str(place.root / "run.py"), "demo"]
    with (
        subprocess.Popen(command, env=place.environment(), stdout=subprocess.PIPE, text=True) as first,
        subprocess.Popen(command, env=place.environment(), stdout=subprocess.PIPE, text=True) as second,
    ):
        streams = [first.stdout, second.stdout]
        said = ["", ""]
        assert streams[0] is not None
        assert streams[1] is not None
        first_lines = [streams[0].readline(), streams[1].readline()]  # one makes the environment, the other says that it waits
        place.open_gate()
        for number, process in enumerate((first, second)):
            said[number] = first_lines[number] + process.communicate(timeout=60)[0]
        assert (first.returncode, second.returncode) == (0, 0)
    assert len(place.installs()) == 1
    assert sum("waiting for it" in text for text in said) == 1


def test_file_names_on_the_command_line_mean_what_they_say(place: Project, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "voicebot").mkdir()  # a directory of our name where we were started takes nothing over
    (elsewhere / "voicebot" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    done = place.start("transcribe", "a.wav", cwd=elsewhere)
    assert str(elsewhere) in done.stdout
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("how", [{"arguments": ("--without-venv", "demo")}, {"arguments": ("demo",), "VOICEBOT_NO_VENV": "1"}])
def test_a_container_uses_the_python_it_has(place: Project, run: ModuleType, how: dict[str, str]) -> None:
    stamp = run.Environment.of_this_python().stamp("requirements.txt")
    if stamp.exists():
        pytest.skip("this Python has Voicebot installed without an environment")
    arguments, more = how["arguments"], {name: value for name, value in how.items() if name.isupper()}
    try:
        done = place.start(*arguments, **more)
        assert done.returncode == 0, done.stderr
        assert "cli ['demo']" in done.stdout
        assert not (place.root / ".venv").exists()
        place.start(*arguments, **more)
        assert len(place.installs()) == 1
    finally:
        stamp.unlink(missing_ok=True)
        stamp.with_name("voicebot-install.log").unlink(missing_ok=True)


def test_nothing_but_plain_lines_reaches_a_pipe(place: Project) -> None:
    done = place.start("demo")
    assert "\x1b" not in done.stdout
    assert "\r" not in done.stdout
    assert [line.strip() for line in done.stdout.splitlines()[2:4]] == ["twilio", "sqlite-utils"]


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("NewConnectionError('…: Failed to establish a new connection')\nERROR: No matching distribution found for x", "reached"),
        ("ERROR: No matching distribution found for vosk==0.3.45", "there is no vosk==0.3.45 for this Python"),
        ("ERROR: Could not find … that satisfies the requirement x==1 (from versions: none)\nERROR: No", "or could not"),
        ("ERROR: Could not open requirements file: [Errno 2] No such file: '/a/requirements.txt'", "/a/requirements.txt is"),
        ("  ERROR: Failed building wheel for srt", "srt has no wheel"),
        ("OSError: [Errno 13] Permission denied: '/usr/lib'", "permission denied"),
        ("error: externally-managed-environment", "operating system"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "PIP_CERT"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", "damaged"),
        ("HTTP error 403 Client Error: Forbidden", "refused us"),
        ("all is well", ""),
    ],
)
def test_a_cause_that_is_known_is_told(run: ModuleType, output: str, sentence: str) -> None:
    explained = run.explain(output)
    assert sentence in explained
    assert bool(sentence) == bool(explained)


def test_an_older_python_is_turned_away_in_a_sentence(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    assert run.main(["demo"]) == 2
    assert "needs Python 3.11 or newer" in capsys.readouterr().err


def test_the_command_line_is_quick_once_installed(project: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(project)}
    began = time.monotonic()
    shown = subprocess.run(
        [sys.executable, "-P", "-m", "voicebot.cli", "--help"], env=environment, capture_output=True, text=True, check=True
    )
    assert "doctor" in shown.stdout
    assert time.monotonic() - began < 2.0
