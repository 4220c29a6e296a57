"""Compiled loops on flat arrays: no checks, no allocation, no kernel imports another file."""
