"""How a broken identity is put into words: which rows of a table are wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd

TIME = 1e-9
"""Days by which sums of times may differ."""


def bad(rows: pd.DataFrame, wrong: object, key: str, text: str) -> list[str]:
    """Say which rows are wrong, at most five of them."""
    who = rows.loc[np.asarray(wrong, dtype=bool), key].tolist()
    shown = ", ".join(map(str, who[:5])) + (", ..." if len(who) > 5 else "")
    return [f"{text}: {key} {shown}"] if who else []
