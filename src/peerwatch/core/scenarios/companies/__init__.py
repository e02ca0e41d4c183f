"""Companies in which office worlds are set: one folder each, with texts and lists only."""

__all__ = ()
