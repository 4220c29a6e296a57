"""Blind computing as it runs: a register of dense matrices, one random choice and one result at a time.

Shares nothing with the package. The client's choices are arrays by (row, column): ``thetas`` and ``hidden`` (r) of every sent
qubit, and ``flips`` (i) of the inputs. Columns are joined just before they are needed.
"""

from itertools import product

import numpy as np
from oracles import PAULI
from teleportation_oracle import apply, gate

CZ = np.diag([1, 1, 1, -1])


def turn(angle):
    return np.diag([1, np.exp(1j * angle)])


def joined_in(column, rows):
    """Upper rows that are joined in a column, as the paper counts: columns 3, 5 and 7, 9 modulo 8, odd and even rows from 1."""
    number = column + 1
    if number % 8 in (3, 5) and number > 2:
        return [row for row in range(rows - 1) if (row + 1) % 2 == 1]
    if number % 8 in (7, 1) and number > 2:
        return [row for row in range(rows - 1) if (row + 1) % 2 == 0]
    return []


def corrections(results, row, column, rows):
    """Exponents of X and Z on a qubit by earlier results; column -1 holds the flips of the inputs."""
    x = results.get((row, column - 1), 0)
    z = results.get((row, column - 2), 0)
    for upper in joined_in(column, rows):
        if row in (upper, upper + 1):
            z += results.get((2 * upper + 1 - row, column - 1), 0)
    return x % 2, z % 2


def run(turns, inputs, thetas, hidden, flips, source=None, mixing=0.0, error=0.0, wait=None):
    """Return the corrected output for given choices, summed over results and wrong readings."""
    rows, steps = turns.shape
    sent = source or [np.eye(2)]
    rho = inputs
    for row in range(rows):
        rho = apply(rho, [turn(thetas[row, 0]) @ np.linalg.matrix_power(PAULI["X"], flips[row])], (row,))
        rho = apply(rho, sent, (row,))
    branches = [(rho, {(row, -1): flips[row] for row in range(rows)})]
    for column in range(steps):
        branches = [
            after
            for branch in branches
            for after in stepped(branch, column, turns, thetas, hidden, sent, mixing, error, wait)
        ]
    return sum(corrected(*branch, thetas[:, steps], steps) for branch in branches)


def stepped(branch, column, turns, thetas, hidden, sent, mixing, error, wait):
    """Join the next column, measure this one, let the next one wait, and join its rows."""
    rho, results = branch
    rows = len(turns)
    for row in range(rows):
        vector = np.array([1, np.exp(1j * thetas[row, column + 1])]) / np.sqrt(2)
        rho = np.kron(rho, sum(k @ np.outer(vector, vector.conj()) @ k.conj().T for k in sent))
    for row in range(rows):
        rho = gate(rho, CZ, (row, rows + row), mixing)
    for truth, wrong in product(product((0, 1), repeat=rows), repeat=2):
        if error == 0 and any(wrong):
            continue
        after, known = rho, dict(results)
        for row in reversed(range(rows)):
            x, z = corrections(results, row, column, rows)
            delta = (-1) ** x * turns[row, column] * np.pi / 4 + np.pi * (z + hidden[row, column]) + thetas[row, column]
            bra = np.array([[1, (-1) ** truth[row] * np.exp(-1j * delta)]]) / np.sqrt(2)
            after = apply(after, [bra], (row,), 0) * (error if wrong[row] else 1 - error)
            known[row, column] = truth[row] ^ wrong[row] ^ hidden[row, column]
        if wait is not None:
            for row in range(rows):
                after = apply(after, wait, (row,))
        for upper in joined_in(column + 1, rows):
            after = gate(after, CZ, (upper, upper + 1), mixing)
        yield after, known


def corrected(rho, results, thetas, steps):
    rows = len(thetas)
    for row in range(rows):
        x, z = corrections(results, row, steps, rows)
        undo = np.linalg.matrix_power(PAULI["Z"], z) @ np.linalg.matrix_power(PAULI["X"], x) @ turn(-thetas[row])
        rho = apply(rho, [undo], (row,))
    return rho
