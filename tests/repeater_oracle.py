"""Repeater chains by explicit sums over both times of every pair: dense matrices, Kraus maps, loops over steps.

A series is an array (steps, 4, 4): the state delivered at each step, times the probability of that step. Nothing of
the package is imported.
"""

from functools import cache
from itertools import product

import numpy as np
from chain_oracle import CNOT, IDENTITY, PAULIS, relaxation_kraus, swap_tensor


def link(state, success, cycle, steps):
    """A fresh link after each number of whole cycles."""
    series = np.zeros((steps, 4, 4), complex)
    for attempt, t in enumerate(range(cycle, steps, cycle)):
        series[t] = success * (1 - success) ** attempt * state
    return series


@cache
def decay(steps, memory):
    """What waiting does to one qubit, entry [a, b, i, j] what becomes of |i><j|; memory is ``(t1, t2, excited_population)``."""
    return sum(np.einsum("ai,bj->abij", k, k.conj()) for k in relaxation_kraus(steps, *memory))


def aged(rho, left, right):
    """A pair after its halves have waited, each ``(steps, memory)``."""
    halves = np.einsum("abij,cdkl,ikjl->acbd", decay(*left), decay(*right), rho.reshape(2, 2, 2, 2), optimize=True)
    return halves.reshape(4, 4)


@cache
def swap_by(station):
    """The swap by a station ``(gate_mixing, readout_error, success_probability)``, [i, j, k, l] for |i><j| and |k><l|."""
    return station[2] * swap_tensor(*station[:2])


def combined(tensor, left, right):
    return np.einsum("ij,ijab->ab", left, np.einsum("ijklab,kl->ijab", tensor, right))


def on_qubits(operator, where):
    """An operator on some of the four qubits A, B of the first pair, A, B of the second."""
    rest = [q for q in range(4) if q not in where]
    tensor = np.kron(operator, np.eye(2 ** len(rest))).reshape([2] * 8)
    order = np.argsort([*where, *rest])
    return tensor.transpose(*order, *(4 + order)).reshape(16, 16)


@cache
def round_by(noise, turned):
    """A round of recurrence: rotations by half pi, CNOTs with depolarized outputs, two readouts that must agree."""
    mixing, flip = noise
    units = np.eye(16).reshape(4, 4, 4, 4)
    rho = np.einsum("ijac,klbd->ijklabcd", units, units).reshape(4, 4, 4, 4, 16, 16)
    for q, sign in ((0, 1), (1, -1), (2, 1), (3, -1)) if turned else ():
        turn = on_qubits((IDENTITY - 1j * sign * PAULIS[1]) / np.sqrt(2), [q])
        rho = turn @ rho @ turn.conj().T
    for where in ([0, 2], [1, 3]):
        gate = on_qubits(CNOT, where)
        rho = gate @ rho @ gate.T
        errors = [on_qubits(np.kron(a, b), where) for a, b in product(PAULIS, repeat=2)]
        rho = (1 - mixing) * rho + mixing * sum(e @ rho @ e.conj().T for e in errors) / 16
    reads = np.diag([1 - flip, flip]), np.diag([flip, 1 - flip])
    agree = sum(np.kron(said, said) for said in reads)
    kept = (on_qubits(agree, [2, 3]) @ rho).reshape(4, 4, 4, 4, 4, 4, 4, 4)
    return np.einsum("ijklabcb->ijklac", kept)


def attempt(a, b, memories_a, memories_b, combine, cutoff=np.inf, message=0, ends=None):
    """What one attempt delivers at each step, and the probability that it fails then."""
    steps = len(a)
    good, bad = np.zeros_like(a), np.zeros(steps)
    for s, t in product(range(steps), repeat=2):
        weight = np.trace(a[s]).real * np.trace(b[t]).real
        if abs(s - t) > cutoff:
            if (end := min(s, t) + cutoff) < steps:
                bad[end] += weight
            continue
        if weight > 0 and (end := max(s, t) + message) < steps:
            first = aged(a[s], *((max(0, t - s), memory) for memory in memories_a))
            second = aged(b[t], *((max(0, s - t), memory) for memory in memories_b))
            pair = combined(combine, first, second)
            bad[end] += weight - np.trace(pair).real
            good[end] += aged(pair, *((message, memory) for memory in ends)) if message else pair
    return good, bad


def cut_beyond(a, b, cutoff):
    """The probability of attempts cut off at each step of which the younger pair comes after the last step."""
    steps = len(a)
    bad = np.zeros(steps)
    for one, other in ((a, b), (b, a)):
        late = 1 - np.trace(other, axis1=1, axis2=2).real.sum()
        for s in range(steps):
            if s + cutoff < steps:
                bad[s + cutoff] += np.trace(one[s]).real * late
    return bad


def repeated(good, bad):
    """Attempts one after the other, up to the first that succeeds."""
    out = np.zeros_like(good)
    for t in range(len(good)):
        out[t] = good[t] + sum(bad[s] * out[t - s] for s in range(1, t + 1))
    return out


def joined(a, b, memories_a, memories_b, combine, cutoff=np.inf, message=0):
    """The pairs that two series give, attempts being repeated."""
    ends = memories_a[0], memories_b[1]
    good, bad = attempt(a, b, memories_a, memories_b, combine, cutoff, message, ends)
    if cutoff < len(a):
        bad = bad + cut_beyond(a, b, cutoff)
    return repeated(good, bad)


def nested(links, memories, stations, cutoffs, messages, rounds, noise, turned=True):
    """Nested swaps; ``rounds`` and ``cutoffs`` per level, ``messages`` per link, memories per node."""

    def pair(level, first):
        half = 2**level // 2
        last = first + 2**level
        if level == 0:
            series = links[first]
        else:
            middle = first + half
            combine = swap_by(stations[middle - 1])
            message = max(sum(messages[first:middle]), sum(messages[middle:last]))
            nodes = (memories[first], memories[middle]), (memories[middle], memories[last])
            parts = pair(level - 1, first), pair(level - 1, middle)
            series = joined(*parts, *nodes, combine, cutoffs[level - 1], message)
        nodes = memories[first], memories[last]
        for _ in range(rounds[level]):
            combine = round_by(noise, turned)
            series = joined(series, series, nodes, nodes, combine, cutoffs[level], sum(messages[first:last]))
        return series

    return pair(len(links).bit_length() - 1, 0)


def all_at_once(links, memories, stations, waits, cutoff=np.inf, message=0):
    """Every combination of times; ``waits(times)`` says how long the two halves of each link wait. No failures but cut-offs."""
    steps = len(links[0])
    good = np.zeros_like(links[0])
    for times in product(range(1, steps), repeat=len(links)):
        if max(times) - min(times) > cutoff or max(times) + message >= steps:
            continue
        ends = None
        for k, ((left, right), t) in enumerate(zip(waits(times), times, strict=True)):
            pair = aged(links[k][t], (left, memories[k]), (right, memories[k + 1]))
            ends = pair if k == 0 else combined(swap_by(stations[k - 1]), ends, pair)
        good[max(times) + message] += ends
    return good
