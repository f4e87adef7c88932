"""What only SAML needs is not loaded by a process that has no SAML."""

import subprocess
import sys

SAYS = "import sys, identity.main; print(sorted({name.partition('.')[0] for name in sys.modules}))"


def test_xml_and_saml_are_left_out_at_the_start() -> None:
    said = subprocess.run([sys.executable, "-c", SAYS], capture_output=True, text=True, check=True).stdout
    assert "'identity'" in said
    for heavy in ("lxml", "onelogin", "xmlsec"):
        assert f"'{heavy}'" not in said
