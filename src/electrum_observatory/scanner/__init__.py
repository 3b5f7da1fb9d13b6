"""Decides who is asked what, when and how gently, and hands the answers to a sink."""
