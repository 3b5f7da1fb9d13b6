"""``python -m fuzz TARGET [--found FOLDER] [-max_total_time=60 | -runs=1000 | …] [FILE…]``: one run of libFuzzer.

With files it replays them and does nothing else. What has one dash goes to libFuzzer (``-help=1`` lists it).
"""

import hashlib
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

try:
    import atheris
except ModuleNotFoundError:
    sys.exit(f"fuzz: the fuzzer (atheris) has no build for {platform.machine()}, only for x86_64")

HERE = Path(__file__).parent
_OURS = ["electrum_observatory"]
_TOO_DEAR = ["electrum_observatory.protocol.limits"]  # counts brackets one by one; the mutator knows the caps
_LIMITS = ("-timeout=10", "-rss_limit_mb=1024", "-max_len=1200")
_AT_RANDOM = 0.3


def main(arguments: list[str]) -> None:
    """Fuzz one target; ends the process."""
    with atheris.instrument_imports(include=[*_OURS, "fuzz"]):
        import fuzz.frame_oracle  # noqa: F401  its branches stand for those of websockets, which would be dear
    with atheris.instrument_imports(include=_OURS, exclude=_TOO_DEAR):
        from fuzz.targets import CHANGES, TARGETS

    name, *rest = arguments or [""]
    if name not in TARGETS:
        sys.exit(f"fuzz: name one of {', '.join(TARGETS)}")
    found = HERE / "found"
    if rest[:1] == ["--found"]:
        found, rest = Path(rest[1]), rest[2:]
    options = [one for one in rest if one.startswith("-")]
    files = [one for one in rest if not one.startswith("-")]
    read = files or [str(_made(found / name)), str(HERE / "corpus" / name)]
    crashes = f"{_made(found / 'crashes')}/{name}-"
    words = [f"-dict={HERE / name}.dict", f"-artifact_prefix={crashes}", *_LIMITS, *options, *read]
    target = _telling(TARGETS[name], name, crashes)
    atheris.Setup(["fuzz", *words], target, custom_mutator=_mutator(CHANGES[name]))
    atheris.Fuzz()


def _mutator(change: Callable[[bytes, Random], bytes]) -> Callable[[bytes, int, int], bytes]:
    """Bytes changed at random, as libFuzzer does it, or one to three changes that know the format."""

    def mutate(data: bytes, max_size: int, seed: int) -> bytes:
        chance = Random(seed)
        if chance.random() < _AT_RANDOM:
            changed: bytes = atheris.Mutate(data, max_size)
            return changed
        for _ in range(chance.randrange(1, 4)):
            data = change(data, chance)
        return data[:max_size]

    return mutate


def _telling(target: Callable[[bytes], None], name: str, crashes: str) -> Callable[[bytes], None]:
    """The target, saying how to come back to the input that breaks it."""

    def one_input(data: bytes) -> None:
        try:
            target(data)
        except BaseException:
            kept = f"{crashes}crash-{hashlib.sha1(data).hexdigest()}"  # as libFuzzer names it
            sys.stderr.write(f"\nfuzz: a promise is broken; replay with: .venv/bin/python -m fuzz {name} {kept}\n")
            raise

    return one_input


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


main(sys.argv[1:])
