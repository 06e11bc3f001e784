from __future__ import annotations

import numpy as np

from cartlogix.ground.distributions import Constant, Exponential, Uniform
from cartlogix.ground.streams import Streams, open_uniforms, purpose_key


def test_values_do_not_depend_on_who_asks_first() -> None:
    law = Exponential(2.0)
    forward, backward = Streams(7, 3), Streams(7, 3)
    forward.draws(law, "manufacture")
    expected = [forward.draws(law, "manufacture")[i] for i in range(1500)]
    backward.uniforms("shipping").block(5000)
    other = backward.draws(law, "manufacture")
    assert [other[i] for i in reversed(range(1500))] == expected[::-1]
    assert other.block(1500).tolist() == expected


def test_each_part_of_the_address_matters() -> None:
    columns = [
        Streams(1, 0).uniforms("a"),
        Streams(2, 0).uniforms("a"),
        Streams(1, 1).uniforms("a"),
        Streams(1, 0).uniforms("b"),
        Streams(1, 0).uniforms("a", attempt=1),
    ]
    assert len({column[0] for column in columns}) == len(columns)


def test_laws_of_one_purpose_share_their_luck() -> None:
    streams = Streams(1, 0)
    u = streams.uniforms("qc").block(600)
    assert streams.draws(Uniform(0.0, 1.0), "qc").block(600).tolist() == u.tolist()
    assert streams.draws(Uniform(2.0, 4.0), "qc")[599] == 2.0 + 2.0 * u[599]


def test_uniforms_are_uniform_and_inside_the_open_interval() -> None:
    count = 200_000
    u = Streams(11, 0).uniforms("any").block(count)
    assert u.min() > 0
    assert u.max() < 1
    assert abs(u.mean() - 0.5) < 4 * np.sqrt(1 / 12 / count)
    assert abs(np.corrcoef(u[1:], u[:-1])[0, 1]) < 4 / np.sqrt(count)


def test_extreme_bits_stay_inside_the_open_interval() -> None:
    bits = np.array([0, 2**64 - 1], dtype=np.uint64)
    assert open_uniforms(bits).tolist() == [2.0**-53, 1 - 2.0**-53]


def test_constants_and_cached_columns() -> None:
    streams = Streams(1, 0)
    column = streams.draws(Constant(14.0), "manufacture")
    assert column[1000] == 14.0
    assert isinstance(column[0], float)
    assert streams.draws(Constant(14.0), "manufacture") is column


def test_purpose_key_is_the_start_of_the_sha256() -> None:
    # echo -n abc | sha256sum starts with ba7816bf8f01cfea
    assert purpose_key("abc") == 0xBA7816BF8F01CFEA
