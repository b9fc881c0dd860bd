"""A proxy between a client and a server: it shows what passes, and splits, joins, delays and cuts.

It is ``kit.py wire`` for people (docs/wire.md) and the fixture ``proxy`` for suites. What is shown
and what is done to a stream are values (frames.py, watch.py, faults.py); engine.py moves bytes.
"""

from .engine import Proxy
from .events import Cut, Direction, Event, Observer
from .faults import Faults
from .watch import Watch

__all__ = ["Cut", "Direction", "Event", "Faults", "Observer", "Proxy", "Watch"]
