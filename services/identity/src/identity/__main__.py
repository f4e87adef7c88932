"""`python -m identity web|worker|migrate|rotate-keys [--now]|open-copy REQUEST_ID [--destroy]`."""

import sys

from chassis.process import main

from identity.deletion_requests.opening import open_copy
from identity.signing_keys.rotation import rotate_keys

if sys.argv[1:2] == ["rotate-keys"]:
    rotate_keys(at_once=sys.argv[2:] == ["--now"])
elif sys.argv[1:2] == ["open-copy"]:
    open_copy(sys.argv[2:])
else:
    main("identity")
