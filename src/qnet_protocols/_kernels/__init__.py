"""Compiled loops of the protocols."""
