"""Tags and pads: by plain arithmetic, and no bit of key twice."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError
from qnet_protocols.authentication import Authenticator, forgery_probability
from qnet_protocols.key_store import KeyStore, stored_key, vernam_cipher

KEY = np.random.default_rng(52).integers(0, 2, 1000, dtype=np.uint8)
PRIME = 2**127 - 1


def number(bits):
    return sum(int(bit) << (len(bits) - 1 - k) for k, bit in enumerate(bits))


def tag_by_powers(message, key):
    """The polynomial with its powers written out."""
    blocks = [int.from_bytes(message[k : k + 15], "big") for k in range(0, len(message), 15)]
    terms = [*blocks, len(message)]
    r, pad = number(key[:127]), number(key[127:254])
    return (sum(m * pow(r, len(terms) - k, PRIME) for k, m in enumerate(terms)) + pad) % PRIME


@given(st.binary(max_size=100))
def test_tag_is_the_polynomial(message):
    assert Authenticator(KeyStore(KEY)).tag(message) == tag_by_powers(message, KEY)


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_accepts_the_message_alone(message, other):
    ours, theirs = Authenticator(KeyStore(KEY)), Authenticator(KeyStore(KEY))
    assert theirs.accepts(other, ours.tag(message)) == (other == message)


@pytest.mark.parametrize("longer", [b"ab\0", b"\0ab", b"ab" + b"\0" * 15, b"\0" * 15 + b"ab"])
def test_zeros_do_not_go_unnoticed(longer):
    ours, theirs = Authenticator(KeyStore(KEY)), Authenticator(KeyStore(KEY))
    assert not theirs.accepts(longer, ours.tag(b"ab"))


def test_takes_a_new_pad_for_each_message():
    store = KeyStore(KEY)
    authenticator = Authenticator(store)
    assert authenticator.tag(b"a") != authenticator.tag(b"a")
    assert store.num_taken == 3 * 127
    with pytest.raises(ParameterError, match="at most the 100 bits left in the store, but is 127"):
        Authenticator(KeyStore(KEY[:100]))


def test_chance_of_a_forger():
    assert forgery_probability(0) == pytest.approx(3 / 2**127)
    assert forgery_probability(31) == pytest.approx(6 / 2**127)


def test_store_gives_each_bit_once_and_in_order():
    store = KeyStore(KEY[:10])
    store.add(KEY[10:15])
    first, second = store.take(7), store.take(8)
    np.testing.assert_array_equal(np.concatenate([first, second]), KEY[:15])
    assert (store.num_bits, store.num_taken) == (0, 15)
    with pytest.raises(ParameterError):
        store.take(1)
    assert store.take(0).size == 0


def test_what_is_refused_takes_nothing():
    store = KeyStore(KEY[:10])
    with pytest.raises(ParameterError):
        store.take(11)
    assert store.num_bits == 10


def test_a_key_given_to_a_store_is_not_changed_by_it():
    mine = KEY.copy()
    KeyStore(mine).take(500)
    np.testing.assert_array_equal(mine, KEY)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_store_is_not_copied(copied):
    with pytest.raises(ParameterTypeError, match="not copied"):
        copied(KeyStore(KEY))


def test_no_key_is_shown():
    store = KeyStore([1, 0, 1, 1] * 100)
    assert repr(store) == "KeyStore(num_bits=400, num_taken=0)"
    assert repr(Authenticator(store)) == "Authenticator(KeyStore(num_bits=273, num_taken=127))"
    for secret in ("1011", [2, 3], [[1]], [0.5]):
        with pytest.raises((ParameterError, ParameterTypeError, DimensionError)) as refusal:
            KeyStore(secret)
        assert "1011" not in str(refusal.value)


@given(st.binary(max_size=60))
def test_pad_gives_the_message_back(message):
    ours, theirs = KeyStore(KEY), KeyStore(KEY)
    secret = vernam_cipher(message, ours)
    assert vernam_cipher(secret, theirs) == message
    assert ours.num_taken == 8 * len(message)
    pad = number(KEY[: 8 * len(message)]).to_bytes(len(message), "big") if message else b""
    assert secret == bytes(a ^ b for a, b in zip(message, pad, strict=True))


def test_pad_refusals():
    with pytest.raises(ParameterTypeError, match="`message` must be bytes, but is str"):
        vernam_cipher("text", KeyStore(KEY))
    with pytest.raises(ParameterTypeError, match="`store` must be a KeyStore, but is list"):
        vernam_cipher(b"text", [1, 0])
    with pytest.raises(ParameterTypeError, match="`tag` must be an integer"):
        Authenticator(KeyStore(KEY)).accepts(b"", 1.0)


def test_stored_key_second_by_second():
    """Against a store that is filled and emptied in small steps."""
    for initial, gain, cost, limit in ((100, 5, 9, 500), (100, 9, 5, 200), (0, 3, 7, 50), (50, 4, 4, 60)):
        level, unmet, overflow, steps = float(initial), 0.0, 0.0, 1000
        for _ in range(steps):
            level += (gain - cost) * 100 / steps
            unmet, overflow = unmet + max(0.0, -level), overflow + max(0.0, level - limit)
            level = min(max(level, 0.0), limit)
        found = stored_key(
            initial_bits=initial, key_rate_hz=gain, consumption_rate_hz=cost, duration_s=100.0, capacity_bits=limit
        )
        np.testing.assert_allclose(found, (level, unmet, overflow), atol=1e-9)


def test_stored_key_broadcasts_and_balances():
    found = stored_key(
        initial_bits=10.0, key_rate_hz=[[5.0], [1.0]], consumption_rate_hz=[0.0, 2.0, 50.0], duration_s=3.0
    )
    assert all(field.shape == (2, 3) for field in found)
    gained = 3 * (np.array([[5.0], [1.0]]) - np.array([0.0, 2.0, 50.0]))
    np.testing.assert_allclose(found.num_bits - found.unmet_bits + found.overflow_bits, 10 + gained)
    with pytest.raises(ParameterError, match="`initial_bits` must be at most `capacity_bits`"):
        stored_key(initial_bits=5.0, key_rate_hz=1.0, consumption_rate_hz=1.0, duration_s=1.0, capacity_bits=4.0)
