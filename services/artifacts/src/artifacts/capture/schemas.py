"""What capturing answers."""

import msgspec


class Refused(msgspec.Struct):
    """An event that was not taken: its place among those of the request, from 0, and why."""

    index: int
    detail: str


class Capturing(msgspec.Struct, omit_defaults=True):
    """The events were taken, except those in `refused` (the first hundred)."""

    status: int
    refused: list[Refused] = []
    refused_count: int = 0


class CaptureToken(msgspec.Struct):
    """A project's public token: whoever has it can send events and read nothing."""

    token: str
