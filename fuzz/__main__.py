"""``python -m fuzz TARGET [--found FOLDER] [-max_total_time=60 | -runs=1000 | …] [FILE…]``: one run of libFuzzer.

With files it replays them and does nothing else. What has one dash goes to libFuzzer (``-help=1`` lists it).
"""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import atheris

HERE = Path(__file__).parent
_INSTRUMENTED = ["electrum_observatory", "json", "websockets", "encodings"]
_LIMITS = ("-timeout=10", "-rss_limit_mb=1024", "-max_len=6000")


def main(arguments: list[str]) -> None:
    """Fuzz one target; ends the process."""
    with atheris.instrument_imports(include=_INSTRUMENTED):
        from fuzz.targets import TARGETS

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
    atheris.Setup(["fuzz", *words], _telling(TARGETS[name], name, crashes))
    atheris.Fuzz()


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
