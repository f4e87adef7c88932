"""`python -m identity web|worker|migrate|rotate-keys [--now]`."""

import sys

from chassis.process import main

from identity.signing_keys.rotation import rotate_keys

if sys.argv[1:2] == ["rotate-keys"]:
    rotate_keys(at_once=sys.argv[2:] == ["--now"])
else:
    main("identity")
