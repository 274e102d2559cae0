"""Long work on many students, shared out to several processes batch by batch."""

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TypeVar

import django

WORTH_A_PROCESS = 5_000
"""Students: a process takes a second or two to start."""
MOST_BY_DEFAULT, MOST_PROCESSES = 4, 32
"""Each holds the vocabulary: about 200 MB."""
SELDOM = 500_000
"""How many more objects there are when Python's collector looks again."""

Batch = TypeVar("Batch")
Made = TypeVar("Made")


def as_many_as_help(students: int) -> int:
    """How many processes make the documents of this many students soonest, on this machine."""
    return max(1, min(os.cpu_count() or 1, students // WORTH_A_PROCESS, MOST_BY_DEFAULT))


def shared_out(work: Callable[[Batch], Made], batches: Iterable[Batch], processes: int = 1) -> Iterator[Made]:
    """What `work`, a function of a module, makes of each batch, in their order; a few are made ahead.

    Raises what `work` raises, and RuntimeError where a process was killed.
    """
    with _collecting_seldom():
        if processes == 1:
            yield from map(work, batches)
            return
        # Started anew: a fork would share the connections and locks of this one.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(processes, context, _begin) as pool:
            made: deque[Future[Made]] = deque()
            try:
                for batch in batches:
                    made.append(pool.submit(work, batch))
                    if len(made) > processes:
                        yield made.popleft().result()
                while made:
                    yield made.popleft().result()
            except BrokenProcessPool as error:
                raise RuntimeError("A process was killed, perhaps for want of memory: try fewer at once.") from error


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one that shares out is interrupted, and ends the others
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    django.setup()
    gc.set_threshold(SELDOM)


def _end_with_the_parent() -> None:
    """A parent that is killed can end nobody."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Else the collector looks through the objects of a batch again and again: a third of the time."""
    before = gc.get_threshold()
    gc.set_threshold(SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)
