"""Domains: kinds of worlds, each with its answer key, acts, reading of outcomes, texts and scenarios."""

__all__ = ()
