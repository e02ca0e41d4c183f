from dataclasses import dataclass


@dataclass(frozen=True)
class Decision:
    kind: str
    worlds: int


def decide_family(sequences, **_):
    return [Decision("open", 0) for _ in sequences]
