"""The main journey, through the gateway, on the running platform."""

from muster.demo.journey import run

__all__ = ["run"]
