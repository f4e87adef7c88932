"""Identity's worker role."""

from identity import consumers as listened
from identity.upkeep import keep_tidy
from identity.waiting import take_up_forever

consumers = listened.table
background = [take_up_forever, keep_tidy]
