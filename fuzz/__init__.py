"""Coverage-guided fuzzing of what reads strangers' bytes: ``make fuzz``, or ``.venv/bin/python -m fuzz TARGET``.

A target is a plain function of bytes that raises AssertionError where a promise of the codec is broken. atheris drives
it with inputs that reach new code; the tests drive the very same functions with the committed corpus. What a run finds
goes to ``fuzz/found/``, crashes to ``fuzz/found/crashes/``, which are not committed; a crash that taught us something
becomes a file of ``fuzz/corpus/`` once it is mended.
"""
