"""Repeater chains one history at a time, the slow way: dense matrices, Kraus operators, a recursion, a list of events.

Nothing of the package is imported. Times are in seconds; what a chain is made of stands in a ``Chain`` of plain numbers.
Under "swap-asap" the outcome of every measurement is drawn and all corrections are done at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from chain_oracle import CNOT, OUTCOMES, PAULI_X, PAULI_Z, PAULIS, swap_branch

PHI = np.array([1, 0, 0, 1]) / np.sqrt(2)


@dataclass(frozen=True)
class Chain:
    states: tuple  # of each link, density matrices
    success: tuple
    cycles: tuple
    memories: tuple  # of each node: (t1, t2, excited population, exponent, age)
    stations: tuple  # of each inner node: (gate mixing, readout error, success probability)
    policy: str = "nested"
    cutoffs: tuple = (np.inf,) * 8  # of each level
    rounds: tuple = (0,) * 8
    messages: tuple = (0.0,) * 8  # of each link
    protocol: str = "dejmps"
    gate_mixing: float = 0.0
    readout_error: float = 0.0
    min_fidelity: float = 0.0
    max_run: float = np.inf


@dataclass
class Pair:
    time: float
    rho: np.ndarray
    left: int  # nodes
    right: int
    ages: tuple  # of both qubits


@cache
def storage(memory, age, duration):
    """Superoperator of a qubit in a memory, indices (row, column) out and (row, column) in."""
    t1, t2, population, exponent, _ = memory
    keep = np.exp(-duration / t1 / 2)
    lower = np.sqrt(1 - keep**2) * np.array([[0, 1], [0, 0]])
    relax = [np.sqrt(1 - population) * np.diag([1, keep]), np.sqrt(1 - population) * lower]
    relax += [np.sqrt(population) * np.diag([keep, 1]), np.sqrt(population) * lower.T]
    linear = duration / t2 - duration / t1 / 2
    phase = linear if exponent == 1 else ((age + duration) / t2) ** exponent - (age / t2) ** exponent
    flip = max(0.0, (1 - np.exp(-phase)) / 2)
    kraus = np.array([z @ k for z, k in product((np.sqrt(1 - flip) * np.eye(2), np.sqrt(flip) * PAULI_Z), relax)])
    return np.einsum("kab,kcd->acbd", kraus, kraus.conj())


def stored(chain, pair, duration):
    """The pair after both qubits have waited."""
    if duration == 0:
        return pair
    maps = []
    for node, age in zip((pair.left, pair.right), pair.ages, strict=True):
        memory = chain.memories[node]
        maps.append(storage(memory, 0.0 if memory[3] == 1 else age, duration).reshape(4, 4))
    rho = pair.rho.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(4, 4)  # left qubit's indices, right qubit's
    rho = (maps[0] @ rho @ maps[1].T).reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(4, 4)
    return Pair(pair.time + duration, rho, pair.left, pair.right, tuple(age + duration for age in pair.ages))


@cache
def branch_tensor(gate_mixing, readout_error, bits):
    units = np.eye(16).reshape(4, 4, 1, 1, 4, 4)
    left = np.broadcast_to(units, (4,) * 6)
    return swap_branch(left, left.transpose(2, 3, 0, 1, 4, 5), bits, gate_mixing, readout_error).reshape(16, 16, 16)


@cache
def mean_tensor(gate_mixing, readout_error):
    return sum(branch_tensor(gate_mixing, readout_error, bits) for bits in OUTCOMES)


def bilinear(tensor, first, second):
    return np.einsum("i,j,ijk->k", first.reshape(16), second.reshape(16), tensor).reshape(4, 4)


def on_qubits(operator, qubits):
    """A one- or two-qubit operator on some of four qubits."""
    count = len(qubits)
    rest = [q for q in range(4) if q not in qubits]
    whole = np.kron(operator, np.eye(2 ** (4 - count))).reshape((2,) * 8)
    places = np.argsort([*qubits, *rest])
    return whole.transpose([*places, *(4 + places)]).reshape(16, 16)


@cache
def distillation_tensor(protocol, gate_mixing, readout_error):
    """Unnormalized kept pair of a round, on qubits A1, B1 (kept), A2, B2 (measured)."""
    turn = np.eye(16)
    if protocol == "dejmps":
        for qubit, sign in enumerate((1, -1, 1, -1)):
            turn = on_qubits((np.eye(2) - 1j * sign * PAULI_X) / np.sqrt(2), (qubit,)) @ turn
    tensor = np.empty((16, 16, 16), complex)
    for i, j in product(range(16), repeat=2):
        rho = np.kron(np.eye(16)[i].reshape(4, 4), np.eye(16)[j].reshape(4, 4))
        rho = turn @ rho @ turn.conj().T
        for side in (0, 1):
            gate = on_qubits(CNOT, (side, side + 2))
            rho = gate @ rho @ gate.T
            errors = [on_qubits(np.kron(a, b), (side, side + 2)) for a, b in product(PAULIS, repeat=2)]
            rho = (1 - gate_mixing) * rho + gate_mixing * sum(e @ rho @ e.conj().T for e in errors) / 16
        blocks = np.einsum("aibi->iab", rho.reshape(4, 4, 4, 4))
        equal = (1 - readout_error) ** 2 + readout_error**2
        tensor[i, j] = np.tensordot([equal, 1 - equal, 1 - equal, equal], blocks, 1).reshape(16)
    return tensor


def waiting(chain, first, second, cutoff):
    """Both pairs when the younger is there, or the time that is lost: (pairs, time)."""
    early, late = sorted((first.time, second.time))
    if late - early > cutoff * (1 + 1e-9):
        return None, early + cutoff
    pairs = [stored(chain, pair, late - pair.time) for pair in (first, second)]
    waited = [after for before, after in zip((first, second), pairs, strict=True) if before.time == early]
    if any((PHI @ pair.rho @ PHI).real < chain.min_fidelity for pair in waited):
        return None, late
    return pairs, late


def link(chain, i, rng):
    return Pair(rng.geometric(chain.success[i]) * chain.cycles[i], chain.states[i], i, i + 1,
                tuple(chain.memories[n][4] for n in (i, i + 1)))  # fmt: skip


def distilled(chain, rounds, level, make, rng):
    """A pair of ``make()`` after so many rounds, each from two equal pairs made side by side."""
    if rounds == 0:
        return make()
    spent = 0.0
    while True:
        pairs = [distilled(chain, rounds - 1, level, make, rng) for _ in range(2)]
        both, late = waiting(chain, *pairs, chain.cutoffs[level])
        spent += late
        if both is None:
            continue
        kept = bilinear(
            distillation_tensor(chain.protocol, chain.gate_mixing, chain.readout_error), both[0].rho, both[1].rho
        )
        way = sum(chain.messages[both[0].left : both[0].right])
        if rng.random() < np.trace(kept).real:
            pair = Pair(spent, kept / np.trace(kept).real, both[0].left, both[0].right, both[0].ages)
            return stored(chain, pair, way)
        spent += way


def nested(chain, level, begin, rng):
    def make():
        if level == 0:
            return link(chain, begin, rng)
        spent, middle = 0.0, begin + 2 ** (level - 1)
        while True:
            halves = [nested(chain, level - 1, at, rng) for at in (begin, middle)]
            both, late = waiting(chain, *halves, chain.cutoffs[level - 1])
            spent += late
            if both is None:
                continue
            mixing, readout, success = chain.stations[middle - 1]
            way = max(sum(chain.messages[begin:middle]), sum(chain.messages[middle : both[1].right]))
            if rng.random() < success:
                rho = bilinear(mean_tensor(mixing, readout), both[0].rho, both[1].rho)
                return stored(chain, Pair(spent, rho, begin, both[1].right, (both[0].ages[0], both[1].ages[1])), way)
            spent += way

    return distilled(chain, chain.rounds[level], level, make, rng)


def longest_way(chain):
    count = len(chain.states)
    return max((sum(chain.messages[k:count]) for k in range(1, count)), default=0.0), max(
        (sum(chain.messages[:k]) for k in range(1, count)), default=0.0
    )


def at_end(chain, rng):
    spent, count = 0.0, len(chain.states)
    while True:
        pairs = [distilled(chain, chain.rounds[0], 0, lambda i=i: link(chain, i, rng), rng) for i in range(count)]
        times = [pair.time for pair in pairs]
        if max(times) - min(times) > chain.cutoffs[0] * (1 + 1e-9):
            spent += min(times) + chain.cutoffs[0]
            continue
        spent += max(times)
        pairs = [stored(chain, pair, max(times) - pair.time) for pair in pairs]
        if any((PHI @ pair.rho @ PHI).real < chain.min_fidelity for pair in pairs):
            continue
        way = max(longest_way(chain))
        if all(rng.random() < station[2] for station in chain.stations):
            rho = pairs[0].rho
            for pair, (mixing, readout, _) in zip(pairs[1:], chain.stations, strict=True):
                rho = bilinear(mean_tensor(mixing, readout), rho, pair.rho)
            return stored(chain, Pair(spent, rho, 0, count, (pairs[0].ages[0], pairs[-1].ages[1])), way)
        spent += way


def as_soon(chain, rng):
    """Events in the order of time; ``there`` holds [birth, pair, outcomes so far] by first link."""
    count, now = len(chain.states), 0.0

    def renew(links):
        for i in links:
            pair = distilled(chain, chain.rounds[0], 0, lambda i=i: link(chain, i, rng), rng)
            pair.time += now
            coming[i] = pair

    def swapped(left, right):
        mixing, readout, success = chain.stations[right[1].left - 1]
        if rng.random() >= success:
            renew(range(left[1].left, right[1].right))
            return None
        pairs = [stored(chain, entry[1], now - entry[1].time) for entry in (left, right)]
        branches = [bilinear(branch_tensor(mixing, readout, bits), pairs[0].rho, pairs[1].rho) for bits in OUTCOMES]
        weights = np.array([np.trace(branch).real for branch in branches])
        k = rng.choice(4, p=weights / weights.sum())
        undo = np.kron(np.eye(2), correction(OUTCOMES[k]))
        rho = undo.conj().T @ branches[k] @ undo / weights[k]
        ages = (pairs[0].ages[0], pairs[1].ages[1])
        pair = Pair(now, rho, pairs[0].left, pairs[1].right, ages)
        bits = tuple(a ^ b ^ c for a, b, c in zip(left[2], right[2], OUTCOMES[k], strict=True))
        return [min(left[0], right[0]), pair, bits]

    coming, there = {}, {}
    renew(range(count))
    while True:
        first = min(coming.values(), key=lambda pair: (pair.time, pair.left))
        oldest = min(there.values(), key=lambda entry: entry[0], default=None)
        if oldest is not None and oldest[0] + chain.cutoffs[0] < first.time - 1e-9:
            now = oldest[0] + chain.cutoffs[0]
            del there[oldest[1].left]
            renew(range(oldest[1].left, oldest[1].right))
            continue
        now = first.time
        del coming[first.left]
        entry = [now, first, (0, 0)]
        left = next((e for e in there.values() if e[1].right == first.left), None)
        if left is not None:
            del there[left[1].left]
            entry = swapped(left, entry)
        if entry is not None and entry[1].right in there:
            entry = swapped(entry, there.pop(entry[1].right))
        if entry is None:
            continue
        there[entry[1].left] = entry
        if entry[1].right - entry[1].left == count:
            pair = stored(chain, entry[1], max(longest_way(chain)) if count > 1 else 0.0)
            final = np.kron(np.eye(2), correction(entry[2]))
            return Pair(pair.time, final @ pair.rho @ final.conj().T, 0, count, pair.ages)


def correction(bits):
    return np.linalg.matrix_power(PAULI_Z, bits[0]) @ np.linalg.matrix_power(PAULI_X, bits[1])


def one_run(chain, rng):
    if chain.policy == "nested":
        return nested(chain, len(chain.states).bit_length() - 1, 0, rng)
    whole = {"swap-at-end": at_end, "swap-asap": as_soon}[chain.policy]
    return distilled(chain, chain.rounds[1] if len(chain.states) > 1 else 0, 1, lambda: whole(chain, rng), rng)


def delivered(chain, rng):
    """Waiting time and state of one pair."""
    lost = 0.0
    while True:
        pair = one_run(chain, rng)
        if pair.time <= chain.max_run * (1 + 1e-9):
            return lost + pair.time, pair.rho
        lost += chain.max_run


def expectations(rhos):
    """Tr(rho P_i x P_j) of a stack of states, shape (n, 16)."""
    rows = np.array([np.kron(a, b).T.reshape(16) for a in PAULIS for b in PAULIS])
    return (rhos.reshape(-1, 16) @ rows.T).real


def sample(chain, count, rng):
    """Times (count,) and Bloch components (count, 16)."""
    times, rhos = zip(*(delivered(chain, rng) for _ in range(count)), strict=True)
    return np.array(times), expectations(np.array(rhos))
