"""What a difference is once a study has stopped because of it: an estimate that is as often too high as too low.

A study that stops as soon as a difference is shown stops when the difference happens to be large, so the plain mean is
too far from zero on average. Where every world's difference is -1, 0 or 1 the distribution of all ways to stop is
computed exactly, and the estimate is the mean under which what was seen lies in the middle of it.
"""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
