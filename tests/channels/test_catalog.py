"""The list of all channels is complete, and what it says of each of them is so."""

import inspect
import sys
from itertools import pairwise, product
from math import prod
from typing import get_args, get_type_hints

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qnet_channels
from qnet_channels.catalog import CATALOG
from qnet_core import Channel, Instrument, pauli_probabilities, random_channel, random_state, twirling_error
from qnet_core.errors import DimensionError
from qnet_core.strategies import states

DURATIONS = (0.0, 1e-9, 0.3, 1.0, 30.0)
TRACEABLE = (0.0, 1e-9, 0.3, 1.0, 3.0)  # later a damping of 1 - exp(-t) has lost the digits of the coherence
LONG = 200.0
BY_NAME = {entry.name: entry for entry in CATALOG}


def entries(*, where=lambda entry: True):
    return pytest.mark.parametrize("entry", list(filter(where, CATALOG)), ids=lambda entry: entry.name)


every_entry = entries()
every_evolution = entries(where=lambda entry: entry.evolves)
every_duration = pytest.mark.parametrize("duration", DURATIONS)


def maps_qubits(channel):
    return channel.dims_in == channel.dims_out and set(channel.dims_in) == {2}


def returns_maps(function):
    """Whether a function gives a channel or an instrument, by its annotation."""
    found = get_type_hints(function).get("return")
    return bool({Channel, Instrument} & {found, *get_args(found)})


def functions_that_return_maps():
    """Names of the public functions, and of the public methods and properties of public classes, that do."""
    for name in qnet_channels.__all__:
        value = getattr(qnet_channels, name)
        if inspect.isfunction(value) and returns_maps(value):
            yield name
        for key, member in vars(value).items() if inspect.isclass(value) else ():
            plain = getattr(member, "__func__", None) or getattr(member, "fget", None) or member
            if not key.startswith("_") and inspect.isfunction(plain) and returns_maps(plain):
                yield f"{name}.{key}"


def choi_of(channel):
    """The Choi matrix of what the transfer matrix does to each |i><j|, in the basis of the tests."""
    basis_in, basis_out = oracles.product_basis(channel.dims_in), oracles.product_basis(channel.dims_out)
    images = np.tensordot(channel.transfer.T, basis_out, 1) / len(basis_out[0])
    units = [unit for _, unit in oracles.unit_matrices(len(basis_in[0]))]
    return sum(
        np.kron(unit, np.tensordot([np.trace(unit @ element) for element in basis_in], images, 1)) for unit in units
    )


def test_the_list_is_complete():
    assert {entry.function for entry in CATALOG} == set(functions_that_return_maps())


def test_names_are_unique_and_say_what_differs():
    assert len(BY_NAME) == len(CATALOG)
    for name, entry in BY_NAME.items():
        assert name == entry.function or name.startswith(f"{entry.function}, ")
        assert entry.function in BY_NAME


@every_entry
def test_an_entry_runs_the_function_that_it_is_named_after(entry, monkeypatch):
    owner, _, method = entry.function.partition(".")
    found = getattr(qnet_channels, owner)
    place, name = (found, method) if method else (sys.modules[found.__module__], owner)
    original, calls = getattr(place, name), []

    def noted(*args, **kwargs):
        calls.append(name)
        return original(*args, **kwargs)

    monkeypatch.setattr(place, name, noted)
    entry.make(0.5)
    assert calls


def test_a_generator_belongs_to_a_semigroup():
    for entry in CATALOG:
        assert (entry.jumps is not None) == (entry.evolves and entry.semigroup), entry.name
        assert entry.hamiltonian is None or entry.jumps is not None, entry.name


@every_entry
@every_duration
def test_is_completely_positive(entry, duration):
    assert np.linalg.eigvalsh(choi_of(entry.make(duration)))[0] > -1e-13


@every_entry
@every_duration
def test_keeps_the_trace_or_does_not_raise_it(entry, duration):
    channel = entry.make(duration)
    kraus = channel.kraus()
    kept = sum(oracles.dagger(k) @ k for k in kraus)
    if entry.trace_preserving:
        np.testing.assert_allclose(kept, np.eye(len(kept)), atol=1e-13)
        np.testing.assert_allclose(channel.transfer[0], np.eye(len(channel.transfer[0]))[0], atol=1e-15)
    else:
        assert np.linalg.eigvalsh(kept)[-1] < 1 + 1e-13


@entries(where=lambda entry: not entry.trace_preserving)
def test_what_is_said_to_lose_trace_does(entry):
    kept = sum(oracles.dagger(k) @ k for k in entry.make(1.0).kraus())
    assert np.linalg.eigvalsh(kept)[0] < 0.999


@entries(where=lambda entry: entry.unital)
@every_duration
def test_keeps_the_maximally_mixed_state(entry, duration):
    kraus = entry.make(duration).kraus()
    d_out, d_in = kraus.shape[-2:]
    np.testing.assert_allclose(oracles.act(kraus, np.eye(d_in) / d_in), np.eye(d_out) / d_out, atol=1e-13)
    assert entry.make(duration).is_unital()


@entries(where=lambda entry: not entry.unital)
@pytest.mark.parametrize("duration", [0.3, 1.0])
def test_what_is_said_not_to_be_unital_is_not(entry, duration):
    kraus = entry.make(duration).kraus()
    d_out, d_in = kraus.shape[-2:]
    assert np.abs(oracles.act(kraus, np.eye(d_in) / d_in) - np.eye(d_out) / d_out).max() > 0.01
    assert not entry.make(duration).is_unital()


@every_evolution
def test_starts_as_the_identity(entry):
    channel = entry.make(0.0)
    assert channel.dims_in == channel.dims_out
    np.testing.assert_allclose(channel.transfer, np.eye(prod(channel.dims_in) ** 2), atol=1e-15)


@every_evolution
def test_little_time_changes_little(entry):
    """Rates are about 1/s; a change with the square of the time is too small to see."""
    np.testing.assert_allclose(entry.make(1e-9).superop(), entry.make(0.0).superop(), atol=2e-8)


@entries(where=lambda entry: not entry.evolves)
def test_what_is_said_not_to_evolve_does_not(entry):
    channel = entry.make(0.0)
    if channel.dims_in == channel.dims_out:
        assert np.abs(channel.superop() - np.eye(prod(channel.dims_in) ** 2)).max() > 1e-3


@entries(where=lambda entry: entry.evolves and entry.semigroup)
@pytest.mark.parametrize(("first", "second"), [*pairwise(TRACEABLE), (1.0, 0.3), (0.3, 0.3)])
def test_two_durations_are_their_sum(entry, first, second):
    parts = entry.make(second).superop() @ entry.make(first).superop()
    np.testing.assert_allclose(parts, entry.make(first + second).superop(), atol=1e-13)


@entries(where=lambda entry: entry.evolves and not entry.semigroup)
def test_what_is_said_to_be_no_semigroup_is_none(entry):
    parts = entry.make(0.3).superop() @ entry.make(1.0).superop()
    assert np.abs(parts - entry.make(1.3).superop()).max() > 1e-3


@entries(where=lambda entry: entry.limit is not None)
def test_reaches_its_limit_and_stays_there(entry):
    limit = entry.limit().superop()
    np.testing.assert_allclose(entry.make(LONG).superop(), limit, atol=1e-13)
    np.testing.assert_allclose(limit @ entry.make(0.3).superop(), limit, atol=1e-13)
    np.testing.assert_allclose(entry.make(0.3).superop() @ limit, limit, atol=1e-13)


@entries(where=lambda entry: entry.jumps is not None and entry.limit is None)
def test_without_a_stated_limit_what_is_left_is_what_the_generator_leaves(entry):
    """Its eigenvalues on the imaginary axis: all else has decayed."""
    channel = entry.make(1.0)
    hamiltonian = np.zeros((prod(channel.dims_in),) * 2) if entry.hamiltonian is None else entry.hamiltonian
    slow = np.abs(np.linalg.eigvals(oracles.lindblad_superoperator(hamiltonian, entry.jumps, 1.0)))
    left = np.sort(np.abs(np.linalg.eigvals(entry.make(LONG).superop())))
    np.testing.assert_allclose(left, np.sort(slow > 1 - 1e-9), atol=1e-9)


@entries(where=lambda entry: entry.jumps is not None)
@pytest.mark.parametrize("duration", TRACEABLE)
def test_solves_its_master_equation(entry, duration):
    channel = entry.make(duration)
    hamiltonian = np.zeros((prod(channel.dims_in),) * 2) if entry.hamiltonian is None else entry.hamiltonian
    expected = oracles.lindblad_superoperator(hamiltonian, entry.jumps, duration)
    np.testing.assert_allclose(channel.superop(), expected, atol=1e-12)


@every_entry
@given(data=st.data())
def test_brings_states_closer(entry, data):
    channel = entry.make(data.draw(st.sampled_from(DURATIONS)))
    rho, sigma = (data.draw(states(channel.dims_in)).matrix for _ in range(2))
    before = np.abs(np.linalg.eigvalsh(rho - sigma)).sum()
    after = np.abs(np.linalg.eigvalsh(oracles.act(channel.kraus(), rho - sigma))).sum()
    assert after <= before + 1e-13


@every_entry
@every_duration
def test_all_representations_are_of_one_map(entry, duration):
    channel = entry.make(duration)
    kraus = channel.kraus()
    expected = oracles.transfer_matrix(kraus, channel.dims_in, channel.dims_out)
    np.testing.assert_allclose(channel.transfer, expected, atol=1e-13)
    np.testing.assert_allclose(channel.superop(), oracles.superoperator(kraus), atol=1e-13)
    np.testing.assert_allclose(channel.choi(), oracles.choi_matrix(kraus), atol=1e-13)
    np.testing.assert_allclose(channel.choi(), choi_of(channel), atol=1e-13)


@every_entry
@every_duration
def test_acts_on_random_states_as_its_kraus_operators(entry, duration, rng):
    channel = entry.make(duration)
    everything = tuple(range(len(channel.dims_in)))
    rho = random_state(channel.dims_in, batch_shape=(5,), rng=rng)
    expected = oracles.pointwise(lambda matrix: oracles.act(channel.kraus(), matrix), rho.matrix)
    np.testing.assert_allclose(rho.apply(channel, everything).matrix, expected, atol=1e-13)


@every_entry
@every_duration
@pytest.mark.parametrize("outside", [(2, 3), (3, 2)])
def test_acts_on_half_of_a_larger_system_as_its_kraus_operators(entry, duration, outside, rng):
    channel = entry.make(duration)
    dims = (outside[0], *channel.dims_in, outside[1])
    on = tuple(range(1, len(dims) - 1))
    rho = random_state(dims, rng=rng)
    expected, dims_after = oracles.apply_kraus(channel.kraus(), rho.matrix, dims, on, channel.dims_out)
    found = rho.apply(channel, on)
    assert found.dims == dims_after
    np.testing.assert_allclose(found.matrix, expected, atol=1e-13)


def paulis_for(channel):
    return [oracles.pauli_string(letters) for letters in product("IXYZ", repeat=len(channel.dims_in))]


def expected_probabilities(channel):
    """Overlaps of the Kraus operators with the products of Pauli matrices."""
    size = prod(channel.dims_in)
    return [sum(abs(np.trace(pauli @ k)) ** 2 for k in channel.kraus()) / size**2 for pauli in paulis_for(channel)]


@every_entry
@every_duration
def test_only_maps_of_qubits_to_themselves_have_a_twirl(entry, duration):
    """There it is the mean over conjugations by Pauli matrices."""
    channel = entry.make(duration)
    if not maps_qubits(channel):
        for function in (Channel.pauli_twirl, pauli_probabilities, twirling_error):
            with pytest.raises(DimensionError, match="qubits"):
                function(channel)
        return
    turns = [oracles.superoperator([pauli]) for pauli in paulis_for(channel)]
    expected = np.mean([turn @ oracles.superoperator(channel.kraus()) @ turn for turn in turns], axis=0)
    np.testing.assert_allclose(channel.pauli_twirl().superop(), expected, atol=1e-13)
    np.testing.assert_array_equal(channel.pauli_twirl().transfer, np.diag(channel.transfer.diagonal()))


@every_entry
@every_duration
def test_pauli_probabilities_are_overlaps_of_the_kraus_operators(entry, duration):
    channel = entry.make(duration)
    if maps_qubits(channel):
        found = pauli_probabilities(channel)
        np.testing.assert_allclose(found, expected_probabilities(channel), atol=1e-13)
        np.testing.assert_allclose(found.sum(), 1.0, atol=1e-13)
        assert (found > -1e-15).all()


@every_entry
@every_duration
def test_twirling_error_is_half_the_trace_norm_between_choi_states(entry, duration):
    channel = entry.make(duration)
    if maps_qubits(channel):
        pairs = zip(expected_probabilities(channel), paulis_for(channel), strict=True)
        twirled = [np.sqrt(weight) * pauli for weight, pauli in pairs]
        difference = oracles.choi_matrix(channel.kraus()) - oracles.choi_matrix(twirled)
        expected = np.abs(np.linalg.eigvalsh(difference)).sum() / 2 / prod(channel.dims_in)
        np.testing.assert_allclose(twirling_error(channel), expected, atol=1e-13)


@pytest.mark.parametrize("dims", [(2,), (2, 2)])
def test_twirls_of_a_batch_are_those_of_its_points(dims, rng):
    channel = random_channel(dims, batch_shape=(2, 3), rng=rng)
    assert channel.pauli_twirl().batch_shape == twirling_error(channel).shape == (2, 3)
    for index in np.ndindex(2, 3):
        point = Channel.from_transfer(channel.transfer[index], dims)
        np.testing.assert_array_equal(channel.pauli_twirl().transfer[index], point.pauli_twirl().transfer)
        np.testing.assert_allclose(pauli_probabilities(channel)[index], pauli_probabilities(point), atol=1e-15)
        np.testing.assert_allclose(twirling_error(channel)[index], twirling_error(point), atol=1e-14)


@pytest.mark.parametrize("num_qubits", [1, 2])
def test_of_a_map_that_loses_trace_the_pauli_probabilities_are_what_is_left(num_qubits, rng):
    kraus = oracles.random_kraus(rng, 2**num_qubits, count=3)[1:]
    channel = Channel.from_kraus(kraus)
    expected = expected_probabilities(channel)
    np.testing.assert_allclose(pauli_probabilities(channel), expected, atol=1e-14)
    kept = np.trace(oracles.act(kraus, np.eye(2**num_qubits))).real / 2**num_qubits
    assert kept < 0.9
    np.testing.assert_allclose(pauli_probabilities(channel).sum(), kept, atol=1e-14)
    twirled = [np.sqrt(weight) * pauli for weight, pauli in zip(expected, paulis_for(channel), strict=True)]
    difference = (oracles.choi_matrix(kraus) - oracles.choi_matrix(twirled)) / 2**num_qubits
    np.testing.assert_allclose(twirling_error(channel), np.abs(np.linalg.eigvalsh(difference)).sum() / 2, atol=1e-14)
