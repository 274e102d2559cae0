"""The demo: a fictional research university, made from the tables in `data/`."""

from crm.demo.generator import build_world
from crm.demo.world import DemoWorld

__all__ = ["DemoWorld", "build_world"]
