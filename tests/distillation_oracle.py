"""Distillation by density matrices of all qubits: the slow, obvious way. Nothing here imports the library.

Pairs stand side by side: pair q has the qubits 2q (side A) and 2q + 1 (side B). A gate is the 16 x 16
superoperator of its two qubits, noise included; a measurement is a sum of products of single-qubit effects.
"""

from functools import reduce
from itertools import product

import numpy as np
from oracles import CNOT, HADAMARD, PAULI, pauli_string

CZ = np.diag([1.0, 1.0, 1.0, -1.0]).astype(complex)
BELL = np.array([[1, 0, 0, 1], [1, 0, 0, -1], [0, 1, 1, 0], [0, 1, -1, 0]]) / np.sqrt(2)
X90 = (PAULI["I"] - 1j * PAULI["X"]) / np.sqrt(2)  # exp(-i pi X / 4)
SAME, BOTH_ONE = ((0, 0), (1, 1)), ((1, 1),)


def bell_diagonal(weights):
    """Return the mixture of phi+, phi-, psi+, psi-."""
    return sum(weight * np.outer(vector, vector) for weight, vector in zip(weights, BELL, strict=True))


def side_by_side(states):
    """Return the product state with one row and one column leg for each qubit."""
    whole = reduce(np.kron, states)
    return whole.reshape((2,) * (2 * (len(whole).bit_length() - 1)))


def act(rho, superop, on):
    """Map the row and column legs of some qubits."""
    n, legs = rho.ndim // 2, 2 * len(on)
    places = [*on, *(n + q for q in on)]
    mapped = np.tensordot(superop.reshape((2,) * 2 * legs), rho, axes=(range(legs, 2 * legs), places))
    return np.moveaxis(mapped, range(legs), places)


def gate(rho, unitary, on, mixing=0.0):
    """Act by a unitary; with probability ``mixing`` replace its qubits by the maximally mixed state."""
    dim = len(unitary)
    superop = np.kron(unitary, unitary.conj())  # of rows stacked
    nothing = np.outer(np.eye(dim).reshape(-1), np.eye(dim).reshape(-1)) / dim
    return act(rho, (1 - mixing) * superop + mixing * nothing, on)


def effect(bit, flip, basis):
    """Return the effect of reading a bit that is flipped with a probability."""
    matrix = np.diag([1 - flip, flip] if bit == 0 else [flip, 1 - flip]).astype(complex)
    return HADAMARD @ matrix @ HADAMARD if basis == "X" else matrix


def read(rho, qubit, bit, flip, basis="Z"):
    """Return what is left of the other qubits after a bit was read, not normalized."""
    n = rho.ndim // 2
    return np.tensordot(effect(bit, flip, basis).T, rho, axes=((0, 1), (qubit, n + qubit)))


def read_pair(rho, pair, outcomes, flip, basis="Z"):
    """Return the sum over outcomes (bit of A, bit of B) of a pair that is read and leaves."""
    return sum(read(read(rho, 2 * pair + 1, b, flip, basis), 2 * pair, a, flip, basis) for a, b in outcomes)


def both_sides(rho, unitary, pairs, mixing=0.0):
    """Do a gate on side A and its complex conjugate on side B."""
    rho = gate(rho, unitary, [2 * q for q in pairs], mixing)
    return gate(rho, unitary.conj(), [2 * q + 1 for q in pairs], mixing)


def square(rho):
    """Return the matrix of a state given by legs."""
    dim = 2 ** (rho.ndim // 2)
    return rho.reshape(dim, dim)


def bbpssw(states, mixing, flip, outcomes=SAME):
    """Return the kept pair, not normalized."""
    rho = both_sides(side_by_side(states), CNOT, (0, 1), mixing)
    return square(read_pair(rho, 1, outcomes, flip))


def dejmps(states, mixing, flip):
    """Return the kept pair, not normalized."""
    rho = side_by_side(states)
    for pair in (0, 1):
        rho = both_sides(rho, X90, [pair])
    return square(read_pair(both_sides(rho, CNOT, (0, 1), mixing), 1, SAME, flip))


def epl(states, mixing, flip):
    """Return the kept pair, not normalized."""
    return bbpssw(states, mixing, flip, BOTH_ONE)


def double_selection(states, mixing, flip):
    """Return the kept pair, not normalized."""
    rho = both_sides(side_by_side(states), CNOT, (0, 1), mixing)
    rho = both_sides(rho, CNOT, (2, 1), mixing)
    return square(read_pair(read_pair(rho, 2, SAME, flip, "X"), 1, SAME, flip))


ROUNDS = {"bbpssw": bbpssw, "dejmps": dejmps, "epl": epl, "double_selection": double_selection}


def selection(letter, states, mixing, flip):
    """Return a pair after a selection by one more pair, or by two, not normalized."""
    rho = side_by_side(states)
    rho = both_sides(rho, CZ if letter == "z" else CNOT, (1, 0), mixing)
    for pair in range(2, len(states)):
        rho = both_sides(rho, CZ, (pair, pair - 1), mixing)
    for pair in range(len(states) - 1, 0, -1):
        rho = read_pair(rho, pair, SAME, flip, "X")
    return square(rho)


def expedient_pair(raw, mixing, flip):
    """Return a pair of 5 raw pairs, not normalized."""
    return selection("x", [selection("z", [raw] * 3, mixing, flip), raw, raw], mixing, flip)


def prepared(raw, mixing, flip):
    """Return a pair of 3 raw pairs, not normalized."""
    return selection("z", [selection("x", [raw, raw], mixing, flip), raw], mixing, flip)


def stringent_pair(raw, mixing, flip):
    """Return a pair of 13 raw pairs, not normalized."""
    pair, meter = expedient_pair(raw, mixing, flip), prepared(raw, mixing, flip)
    return selection("x", [selection("z", [pair, meter, raw], mixing, flip), meter, raw], mixing, flip)


def parity(rho, on, meter, mixing, flip, outcomes):
    """Return four nodes after ZZ of two of them was read through a pair, which a second one may check."""
    whole = np.tensordot(rho, side_by_side(meter), axes=0)
    legs, count = rho.ndim // 2, 2 * len(meter)
    rows = [*range(legs), *range(2 * legs, 2 * legs + count)]
    columns = [*range(legs, 2 * legs), *range(2 * legs + count, 2 * legs + 2 * count)]
    whole = whole.transpose(rows + columns)
    for k in (0, 1):
        whole = gate(whole, CZ, (legs + k, on[k]), mixing)
        if len(meter) == 2:
            whole = gate(whole, CZ, (legs + 2 + k, legs + k), mixing)
    if len(meter) == 2:
        whole = read_pair(whole, legs // 2 + 1, SAME, flip, "X")
    return read_pair(whole, legs // 2, outcomes, flip, "X")


def ghz(pair, meter, mixing, flip):
    """Return the state of nodes A, B, C, D of pairs A-B and C-D, not normalized."""
    start = side_by_side([pair, pair])
    odd = parity(start, (0, 2), meter, mixing, flip, ((0, 1), (1, 0)))
    for node in (2, 3):
        odd = gate(odd, PAULI["X"], (node,))
    rho = parity(start, (0, 2), meter, mixing, flip, SAME) + odd
    for on in ((1, 3), (0, 2), (1, 3)):
        rho = parity(rho, on, meter, mixing, flip, SAME)
    return square(rho)


def expedient_ghz(raw, mixing, flip):
    """Return four nodes of 22 raw pairs, not normalized."""
    return ghz(expedient_pair(raw, mixing, flip), [prepared(raw, mixing, flip)], mixing, flip)


def stringent_ghz(raw, mixing, flip):
    """Return four nodes of 42 raw pairs, not normalized."""
    return ghz(stringent_pair(raw, mixing, flip), [prepared(raw, mixing, flip), raw], mixing, flip)


# Stabilizer codes: letters multiply, and projectors project.


def product_of(one, other):
    """Return the letters of a product of two Pauli strings."""
    return "".join("IXYZ"[_XOR["IXYZ".index(a)]["IXYZ".index(b)]] for a, b in zip(one, other, strict=True))


_XOR = ((0, 1, 2, 3), (1, 0, 3, 2), (2, 3, 0, 1), (3, 2, 1, 0))


def stabilizer_group(generators):
    """Return the letters of all products of generators."""
    group = {"I" * len(generators[0])}
    for generator in generators:
        group |= {product_of(generator, element) for element in group}
    return group


def commute(one, other):
    """Say whether two Pauli strings commute."""
    return sum(a != b and "I" not in (a, b) for a, b in zip(one, other, strict=True)) % 2 == 0


def detected(generators, weights):
    """Return (probability, fidelity) of n Bell-diagonal pairs by counting all 4**n errors; weights of I, X, Y, Z."""
    group, kept, good = stabilizer_group(generators), 0.0, 0.0
    for error in map("".join, product("IXYZ", repeat=len(generators[0]))):
        chance = np.prod([weights["IXYZ".index(letter)] for letter in error])
        if all(commute(error, generator) for generator in generators):
            kept += chance
            good += chance * (error in group)
    return kept, good / kept


def corrected(generators, weights):
    """Return the fidelity after an error of least weight, and with the fewest Y, that explains the syndrome is undone.

    A syndrome that several such errors explain, which differ by more than the stabilizer, leaves it open: None.
    """
    errors = sorted(map("".join, product("IXYZ", repeat=len(generators[0]))), key=cost)
    group, table, fidelity = stabilizer_group(generators), {}, 0.0
    for error in errors:
        table.setdefault(syndrome(error, generators), []).append(error)
    for explained in table.values():
        best = explained[0]
        if any(cost(error) == cost(best) and product_of(error, best) not in group for error in explained):
            return None
        good = (error for error in explained if product_of(error, best) in group)
        fidelity += sum(np.prod([weights["IXYZ".index(letter)] for letter in error]) for error in good)
    return fidelity


def cost(error):
    """Return weight and number of Y of a Pauli string."""
    return len(error) - error.count("I"), error.count("Y")


def syndrome(error, generators):
    """Return with which generators an error commutes."""
    return tuple(commute(error, generator) for generator in generators)


def projectors(generators):
    """Return the projectors on the eigenspaces of all generators."""
    found = [np.eye(2 ** len(generators[0]))]
    for matrix in map(pauli_string, generators):
        found = [p @ (np.eye(len(p)) + sign * matrix) / 2 for p in found for sign in (1, -1)]
    return found


def detected_by_projection(generators, states):
    """Return (probability, fidelity) of any pairs: A and B project on equal eigenspaces, and phi+ is what phi+ pairs give."""
    n = len(states)
    rho = side_by_side(states).transpose(
        [*range(0, 2 * n, 2), *range(1, 2 * n, 2), *range(2 * n, 4 * n, 2), *range(2 * n + 1, 4 * n, 2)]
    )
    rho, dim = rho.reshape(4**n, 4**n), 2**n
    bells = np.eye(dim).reshape(-1) / np.sqrt(dim)
    kept = good = 0.0
    for projector in projectors(generators):
        both = np.kron(projector, projector.conj())
        kept += np.sum(both.T * rho).real
        target = both @ bells
        good += (target.conj() @ rho @ target).real / (target.conj() @ target).real
    return kept, good / kept
