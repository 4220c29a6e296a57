"""Codes by hand: every pattern of lost qubits or of errors in turn, stabilizers as rows of bits."""

from itertools import product

import numpy as np


def patterns(count):
    """All patterns of ``count`` qubits, one per row; True is a qubit that has arrived."""
    return np.array(list(product((False, True), repeat=count)))


def weights(arrived, transmissivity):
    """Probability of each pattern."""
    return np.where(arrived, transmissivity, 1 - transmissivity).prod(axis=1)


def rank(rows):
    """Rank of a matrix over the field of two elements."""
    left, found = [int("0" + "".join("01"[bit] for bit in row), 2) for row in np.asarray(rows, int)], 0
    while left:
        pivot = left.pop()
        if pivot:
            found += 1
            low = pivot & -pivot
            left = [row ^ pivot if row & low else row for row in left]
    return found


def is_recoverable(stabilizers, logicals, arrived):
    """Say whether no logical operator lives on the lost qubits alone.

    Operators are rows of X bits and then Z bits. Products of stabilizers and logical operators that are trivial on the arrived
    qubits must be no more than those of stabilizers alone.
    """
    kept = np.concatenate([arrived, arrived])
    both = np.concatenate([stabilizers, logicals])
    lost_all = len(both) - rank(both[:, kept])
    lost_stabilizers = len(stabilizers) - rank(stabilizers[:, kept])
    return lost_all == lost_stabilizers


def parity_code(blocks, qubits):
    """Stabilizers and logical operators of the quantum parity code."""
    total, stabilizers = blocks * qubits, []
    for block in range(blocks):
        for k in range(qubits - 1):
            stabilizers.append(_operator(total, z=(block * qubits + k, block * qubits + k + 1)))
    for block in range(blocks - 1):
        stabilizers.append(_operator(total, x=range(block * qubits, (block + 2) * qubits)))
    logicals = [_operator(total, x=range(qubits)), _operator(total, z=range(0, total, qubits))]
    return np.array(stabilizers), np.array(logicals)


def _operator(total, x=(), z=()):
    row = np.zeros(2 * total, bool)
    row[list(x)] = True
    row[[total + k for k in z]] = True
    return row


def tree(branching):
    """Level and branches of every photon of a tree, those of the first level first."""
    levels, branches, last = [], [], [None]
    for level, width in enumerate(branching):
        new = []
        for parent in last:
            for _ in range(width):
                new.append(len(levels))
                levels.append(level)
                branches.append([])
                if parent is not None:
                    branches[parent].append(new[-1])
        last = new
    return levels, branches


def tree_code(branching):
    """Stabilizers and logical operators of a tree cluster state whose root has been measured in X with the qubit put in.

    The photons are a graph state with the root, whose place the qubit takes. Its logical operators: Z on all of the first
    level, and X of one photon of the first level with Z on its branches.
    """
    levels, branches = tree(branching)
    total, first = len(levels), [k for k, level in enumerate(levels) if level == 0]
    parents = {child: k for k, below in enumerate(branches) for child in below}
    own = [_operator(total, x=(k,), z=[*branches[k], *([parents[k]] if k in parents else [])]) for k in range(total)]
    stabilizers = [row for k, row in enumerate(own) if k not in first]
    stabilizers += [own[first[0]] ^ own[k] for k in first[1:]]
    return np.array(stabilizers), np.array([own[first[0]], _operator(total, z=first)])


def tree_survives(branching, arrived):
    """Say whether the receiver's way of measuring a tree works with these photons.

    A photon is known in Z if it has arrived, or if one of its branches has arrived whose own branches are all known.
    The first photon of the first level that has arrived is the one used: its branches, and all others of its level, must
    be known.
    """
    levels, branches = tree(branching)

    def known(k):
        return arrived[k] or any(arrived[j] and all(map(known, branches[j])) for j in branches[k])

    first = [k for k, level in enumerate(levels) if level == 0]
    used = next((k for k in first if arrived[k]), None)
    return used is not None and all(map(known, branches[used])) and all(map(known, first))
