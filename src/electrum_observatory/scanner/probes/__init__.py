"""One kind of question per file; no probe knows another."""
