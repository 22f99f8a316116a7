"""Many secrets into stored hashes, in processes of their own. No secret and no key of ours leaves this process.

What goes to a helper is the keyed hash that Argon2 works on, and Argon2's comes back; together they are what
`SecretKeeper.stored` makes. Processes and not threads: in one process the hashes' 19 MB each get in each other's way.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import get_context, parent_process

from voicebot.child import end_after, give_way
from voicebot.errors import ImportRefused
from voicebot.identity.secrets import HASHER, SecretKeeper
from voicebot.ports.secrets import SecretOf

FEW = 32  # so many are hashed sooner than a helper starts
AT_ONCE = 8  # secrets in one errand of a helper
AHEAD = 3  # errands waiting for each helper

HashKeyed = Callable[[bytes], str]
_Errand = tuple[list[str], "Future[list[str]]"]


def argon2(keyed: bytes) -> str:
    """One hash at the product's cost."""
    return HASHER.hash(keyed)


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class ParallelHashing:
    """`HashSecrets` over at most `processes` helpers, which end with this process, however it ends."""

    def __init__(self, keeper: SecretKeeper, processes: int | None = None, hash_keyed: HashKeyed = argon2) -> None:
        self._keeper = keeper
        self._processes = max(1, min(processes or cores(), cores()))
        self._hash_keyed = hash_keyed

    def __call__(self, secrets: Iterable[SecretOf]) -> Iterator[str]:
        """One stored hash for each secret, in order. Raises ImportRefused where a helper died."""
        waiting = iter(secrets)
        first = list(islice(waiting, FEW))
        if len(first) < FEW:
            return (self._stored(one) for one in first)
        return self._in_helpers(chain(first, waiting))

    def _stored(self, one: SecretOf) -> str:
        pepper_id, keyed = self._keeper.keyed(one.customer_id, one.field, one.secret)
        return f"{pepper_id}:{self._hash_keyed(keyed)}"

    def _in_helpers(self, secrets: Iterator[SecretOf]) -> Iterator[str]:
        under_way: deque[_Errand] = deque()
        helpers = ProcessPoolExecutor(self._processes, mp_context=get_context("spawn"), initializer=_begin_helping)
        try:
            while True:
                while len(under_way) < AHEAD * self._processes and (some := list(islice(secrets, AT_ONCE))):
                    keyed = [self._keeper.keyed(one.customer_id, one.field, one.secret) for one in some]
                    errand = helpers.submit(_hash_all, self._hash_keyed, [each for _, each in keyed])
                    under_way.append(([pepper_id for pepper_id, _ in keyed], errand))
                if not under_way:
                    return
                peppers, errand = under_way.popleft()
                yield from (f"{pepper_id}:{hashed}" for pepper_id, hashed in zip(peppers, errand.result(), strict=True))
        except BrokenProcessPool:
            words = "hashing stopped: a helper process died (out of memory, perhaps); run it again to go on"
            raise ImportRefused(words) from None
        finally:
            helpers.shutdown(cancel_futures=True)


def _hash_all(hash_keyed: HashKeyed, keyed: list[bytes]) -> list[str]:
    return [hash_keyed(one) for one in keyed]


def _begin_helping() -> None:
    give_way()
    if (parent := parent_process()) is not None:
        end_after(parent.join)
