"""Coverage-guided fuzzing of what reads strangers' bytes: ``make fuzz``, or ``.venv/bin/python -m fuzz TARGET``.

A target is a plain function of bytes that raises AssertionError where a promise of the codec is broken, as second
opinions have it (``*oracle*``). atheris drives it with inputs that reach new code, whose mutators know the format;
the tests drive the very same functions with the committed corpus and with changes of it. What a run finds goes to
``fuzz/found/``, crashes to ``fuzz/found/crashes/``, which are not committed; a crash that taught us something becomes a
file of ``fuzz/corpus/`` once it is mended.
"""
