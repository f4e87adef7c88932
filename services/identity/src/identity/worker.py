"""Identity's worker role."""

from chassis import erasure

from identity import consumers as listened
from identity.deletion_requests.coordinating import Within, coordinate_forever
from identity.erasure import PLAN
from identity.identity_providers.following import follow_providers
from identity.openid.signing_out.notices import tell_forever
from identity.upkeep import keep_tidy
from identity.waiting import take_up_forever

consumers = listened.table
background = [
    take_up_forever,
    keep_tidy,
    coordinate_forever,
    tell_forever,
    follow_providers,
    erasure.eraser(PLAN, Within(), settle=0),
]
