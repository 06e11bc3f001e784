"""Addressing of random numbers against values fixed by numpy's seeding (oracle T01)."""

from __future__ import annotations

import numpy as np

from cartlogix.ground.streams import Streams, purpose_key, seed_sequence

ENTROPY = 12345


def test_keys_equal_spawned_children() -> None:
    states = [seed_sequence(ENTROPY, child).generate_state(2).tolist() for child in range(3)]
    assert states == [
        [959183449, 3196577012],
        [1457248422, 358904087],
        [642571064, 3843934530],
    ]


def test_nested_key() -> None:
    state = seed_sequence(ENTROPY, 0, 7, 2).generate_state(2)
    assert state.tolist() == [217049977, 3734512179]


def test_raw_bits_of_pcg64() -> None:
    raw = np.random.PCG64(seed_sequence(ENTROPY)).random_raw(2)
    assert raw.tolist() == [4193609425186963869, 5843160025838961886]


def test_uniforms_are_the_raw_bits_at_their_address() -> None:
    address = seed_sequence(ENTROPY, 4, purpose_key("manufacture"), 1)
    raw = np.random.PCG64(address).random_raw(3).tolist()
    column = Streams(ENTROPY, 4).uniforms("manufacture", attempt=1)
    assert [column[i] for i in range(3)] == [((bits >> 12) + 0.5) / 2**52 for bits in raw]
