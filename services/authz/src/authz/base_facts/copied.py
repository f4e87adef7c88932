"""Reading many rows at once: PostgreSQL's binary COPY, taken apart by the column rather than by the row."""

from collections.abc import Callable
from typing import Any

import asyncpg
import numpy as np
from numpy.typing import NDArray

HEADER = 19
"""Bytes before the first row: signature, flags and an empty extension (PostgreSQL, "COPY", binary format)."""

AT_ONCE = 16 * 1024 * 1024
TYPES = {"uuid": (16, "V16"), "int4": (4, ">i4"), "bool": (1, "u1"), "float8": (8, ">f8")}

Columns = dict[str, NDArray[Any]]


async def copied(
    connection: asyncpg.Connection, statement: str, columns: dict[str, str], take: Callable[[Columns], None]
) -> None:
    """Give the rows of a query to `take`, some hundred thousand at a time. No column may be null.

    `columns` names each with its type: uuid (rows of 16 bytes), int4, bool or float8.
    """
    fields: list[tuple[str, str]] = [("count", ">i2")]
    for name, kind in columns.items():
        fields += [(f"{name} length", ">i4"), (name, TYPES[kind][1])]
    form = np.dtype(fields)
    waiting = bytearray()
    begun = False

    def hand_over(end: int) -> None:
        rows = np.frombuffer(bytes(waiting[:end]), form)
        if len(rows):
            if (rows["count"] != len(columns)).any():
                raise ValueError(f"a column of {statement!r} is null or of another length")
            take({name: _plain(rows[name], kind) for name, kind in columns.items()})
        del waiting[:end]

    async def arrive(part: bytes) -> None:
        nonlocal begun
        waiting.extend(part)
        if not begun and len(waiting) >= HEADER:
            begun = True
            del waiting[:HEADER]
        if len(waiting) > AT_ONCE:
            hand_over(len(waiting) // form.itemsize * form.itemsize)

    await connection.copy_from_query(statement, output=arrive, format="binary")
    hand_over(len(waiting) // form.itemsize * form.itemsize)


def _plain(values: NDArray[Any], kind: str) -> NDArray[Any]:
    if kind == "uuid":
        return np.frombuffer(values.tobytes(), np.uint8).reshape(-1, 16)
    return values.astype({"int4": np.int32, "bool": np.bool_, "float8": np.float64}[kind])
