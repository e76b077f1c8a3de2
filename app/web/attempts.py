"""How often an address may try a wrong token: a few at once, then slowly, in bounded memory."""

from __future__ import annotations

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable

BURST = 5
REFILL_SECONDS = 12.0
"""After so long one more wrong token may be tried."""

MOST_ADDRESSES = 10_000


class Attempts:
    """Wrong tokens by address. A right one costs nothing; the clock counts seconds evenly."""

    def __init__(self, clock: Callable[[], float], most: int = MOST_ADDRESSES) -> None:
        self._clock = clock
        self._most = most
        self._debts: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str) -> int:
        """Seconds until this address may try again; 0 when it may now."""
        debt = self._debt(_network(address))
        return 0 if debt <= BURST - 1 else math.ceil((debt - BURST + 1) * REFILL_SECONDS)

    def failed(self, address: str) -> None:
        """A wrong token came from there."""
        network = _network(address)
        self._debts[network] = (self._debt(network) + 1, self._clock())
        self._debts.move_to_end(network)
        while len(self._debts) > self._most:
            self._debts.popitem(last=False)

    def __len__(self) -> int:
        """How many addresses are remembered."""
        return len(self._debts)

    def _debt(self, network: str) -> float:
        debt, since = self._debts.get(network, (0.0, 0.0))
        return max(0.0, debt - (self._clock() - since) / REFILL_SECONDS)


def _network(address: str) -> str:
    """An address as it is counted: a whole /64 of IPv6 is one visitor's."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
