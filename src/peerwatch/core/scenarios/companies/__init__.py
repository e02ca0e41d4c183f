"""Companies in which office worlds are set: one folder each, with nothing but texts and lists."""

__all__ = ()
