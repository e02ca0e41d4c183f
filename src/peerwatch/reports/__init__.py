"""Reports: a self-contained HTML page, figures, a terminal summary, and data frames for notebooks."""

from typing import TYPE_CHECKING

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.reports._comparison_page import page_of
    from peerwatch.reports._comparison_terminal import print_comparison
    from peerwatch.reports._data_frames import Frames, UnreadWarning, load, plain
    from peerwatch.reports._drawing import Drawing
    from peerwatch.reports._figure_files import FigureFile, finding_figure, stills
    from peerwatch.reports._frame import environment, framed
    from peerwatch.reports._head import question_of
    from peerwatch.reports._json import to_json
    from peerwatch.reports._monitor_page import monitor_page
    from peerwatch.reports._page import Page, make_page, render
    from peerwatch.reports._terminal import plain_table, print_summary
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # The complete report
    "page_of",
    "monitor_page",
    "print_comparison",
    # Data frames
    "Frames",
    "UnreadWarning",
    "load",
    "Drawing",
    # Tables of a report
    "plain",
    # Pages of other packages
    "environment",
    "framed",
    # The main finding as sentences
    "question_of",
    # Outputs
    "to_json",
    "Page",
    "make_page",
    "render",
    "print_summary",
    # Figures as files
    "FigureFile",
    "finding_figure",
    "stills",
    # Writing the outputs
    "plain_table",
]
