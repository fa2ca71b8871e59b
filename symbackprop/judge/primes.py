"""Random primes of 31 bits, certain ones."""

from __future__ import annotations

import random

LOW, HIGH = 2**30, 2**31
BASES = (2, 3, 5, 7, 11, 13, 17)


def is_prime(n: int) -> bool:
    """Miller and Rabin with the bases that are certain below 3.4e14."""
    if n in BASES:
        return True
    if n < 2 or any(n % q == 0 for q in BASES):
        return False
    d, twos = n - 1, 0
    while d % 2 == 0:
        d, twos = d // 2, twos + 1
    for base in BASES:
        x = pow(base, d, n)
        if x in (1, n - 1):
            continue
        if not any((x := x * x % n) == n - 1 for _ in range(twos - 1)):
            return False
    return True


def random_prime(rng: random.Random) -> int:
    """A prime of 31 bits with p = 7 mod 8, so that √2 exists in the field."""
    while True:
        p = rng.randrange(LOW, HIGH) // 8 * 8 + 7
        if LOW <= p < HIGH and is_prime(p):
            return p
