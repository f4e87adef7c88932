"""The words of features."""

from typing import Literal

Stage = Literal["alpha", "beta", "ga"]
State = Literal["enabled", "disabled", "dontcare"]
