"""Names of the judges' material by which checks outside this repository import it."""

from peerwatch.judging import masking_of, material_of

__all__ = ["masking_of", "material_of"]
