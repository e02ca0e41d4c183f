"""Judge calibration: a blind set of episodes, human labels of it, and a judge's agreement with these."""

from peerwatch.judging.calibration._agree import agree
from peerwatch.judging.calibration._draw import DrawnEpisode, draw
from peerwatch.judging.calibration._error import LabelError
from peerwatch.judging.calibration._frame import Candidate, parse_by, read_frame
from peerwatch.judging.calibration._judgements import Judged, read_judgements
from peerwatch.judging.calibration._key import Key, KeyEntry, load_key
from peerwatch.judging.calibration._labelling import Session, open_labels
from peerwatch.judging.calibration._labels import Labels, read_labels
from peerwatch.judging.calibration._labels_of_runs import label_files, labels_of
from peerwatch.judging.calibration._rows import ALL, MAJORITY, Agreement, Estimate, JudgeRow, Pair, PeopleRow, Tally
from peerwatch.judging.calibration._sample import SampleFiles, sample
from peerwatch.judging.calibration._set import LabelSet, load_set

__all__ = [
    # Drawing a set
    "Candidate",
    "DrawnEpisode",
    "Key",
    "KeyEntry",
    "SampleFiles",
    "draw",
    "load_key",
    "parse_by",
    "read_frame",
    "sample",
    # Labeling it
    "Labels",
    "Session",
    "open_labels",
    "read_labels",
    # Comparing
    "Judged",
    "LabelSet",
    "agree",
    "label_files",
    "labels_of",
    "load_set",
    "read_judgements",
    # Results
    "ALL",
    "Agreement",
    "Estimate",
    "JudgeRow",
    "MAJORITY",
    "Pair",
    "PeopleRow",
    "Tally",
    # Errors
    "LabelError",
]
