"""What stands beside a local platform: the development mailbox and the traces, with pages to read them."""

from muster.console.app import console

__all__ = ["console"]
