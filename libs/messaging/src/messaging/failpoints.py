"""Places where a test makes the process fail: MUSTER_FAILPOINT=`outbox.after_puback:exit9@3`.

Several are parted by commas. Actions: `exit<code>` ends the process without cleaning up, `sleep<ms>` holds the whole
process still, `raise` raises Failpoint. `@n` acts at the nth passing only; without it, at each one.

Places: outbox.before_commit, outbox.after_commit, outbox.after_puback, inbox.before_commit, inbox.after_commit,
inbox.after_ack; in erasures erasure.before_commit, erasure.before_report, erasure.after_report, erasure.after_commit;
of cohorts calculation.claimed, calculation.before_commit.
"""

import os
import re
import time

_FORM = re.compile(r"(?P<place>[a-z_.]+):(?P<action>exit|sleep|raise)(?P<number>\d*)(?:@(?P<turn>\d+))?")


class Failpoint(Exception):
    """Raised at a place that a test armed with `raise`."""


def parse(text: str) -> dict[str, tuple[str, int, int]]:
    """Place -> (action, its number, the turn it acts at, or 0). Raises ValueError for anything else."""
    armed: dict[str, tuple[str, int, int]] = {}
    for part in filter(None, text.split(",")):
        match = _FORM.fullmatch(part.strip())
        if match is None:
            raise ValueError(f"MUSTER_FAILPOINT: cannot read {part!r}")
        armed[match["place"]] = (match["action"], int(match["number"] or 0), int(match["turn"] or 0))
    return armed


ARMED = parse(os.environ.get("MUSTER_FAILPOINT", ""))
_passed: dict[str, int] = {}


def hit(place: str) -> None:
    """Pass a place; nothing happens unless a test armed it."""
    if not ARMED or place not in ARMED:
        return
    action, number, turn = ARMED[place]
    _passed[place] = _passed.get(place, 0) + 1
    if turn and _passed[place] != turn:
        return
    if action == "exit":
        os._exit(number)
    if action == "sleep":
        time.sleep(number / 1000)
        return
    raise Failpoint(place)
