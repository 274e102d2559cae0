"""A daemon thread that a process starts once, however often it is asked to."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Background:
    name: str
    run: Callable[[], None]
    _thread: threading.Thread | None = field(init=False, default=None)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def start(self) -> None:
        """Called by the server."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self.run, name=self.name, daemon=True)
                self._thread.start()
