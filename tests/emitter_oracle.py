"""Photon counting by the master equation of two emitters behind a beam splitter, with NumPy alone.

Emitters with ground states 0 and 1 are excited, decay, dephase and are detuned; jumps are clicks, lost photons and
phase noise. What detectors report once all have decayed follows from linear algebra, without wave packets or their
overlaps. No formula of the package is used, and nothing of it is imported.
"""

from __future__ import annotations

from itertools import product

import numpy as np

SIGNS = {"plus": 1, "minus": -1}


def transition(size, target, source):
    """The operator that takes one level to another."""
    matrix = np.zeros((size, size))
    matrix[target, source] = 1
    return matrix


def on_both(operator):
    """The operator on the left emitter and on the right one."""
    one = np.eye(len(operator))
    return np.kron(operator, one), np.kron(one, operator)


def sandwich(left, right):
    """What rho -> left rho right^dagger does to rows stacked."""
    return np.kron(left, right.conj())


class Emission:
    """All that two emitters of some levels do from their excitation on; ``lowering`` has an operator for each rail."""

    def __init__(self, lowering, excited, *, lifetime_s, dephasing_rate_per_s, detuning_rad_per_s, transmissivity):
        decay = [1 / life for life in lifetime_s]
        self.clicks, others = {}, []
        for rail, lower in enumerate(lowering):
            pair = on_both(lower)
            seen = [np.sqrt(g * eta / 2) * op for g, eta, op in zip(decay, transmissivity, pair, strict=True)]
            for name, sign in SIGNS.items():
                self.clicks[name, rail] = seen[0] + sign * seen[1]
            others += [np.sqrt(g * (1 - eta)) * op for g, eta, op in zip(decay, transmissivity, pair, strict=True)]
        excitation = on_both(np.diag(np.array(excited, float)))
        others += [np.sqrt(2 * g) * op for g, op in zip(dephasing_rate_per_s, excitation, strict=True)]
        rates = sum(op.conj().T @ op for op in [*self.clicks.values(), *others])
        drift = -1j * detuning_rad_per_s * excitation[0] - rates / 2
        one = np.eye(len(drift))
        self.quiet = sandwich(drift, one) + sandwich(one, drift) + sum(sandwich(op, op) for op in others)
        bright = np.diagonal(excitation[0] + excitation[1]) > 0
        self.moving = (bright[:, None] | bright).reshape(-1)

    def settled(self, state, detectors=()):
        """The state after all decay, where only these detectors may click."""
        full = self.quiet + sum(sandwich(self.clicks[d], self.clicks[d]) for d in detectors)
        return self._arrived(full, state, self._time_spent(full, state))

    def counted_once(self, state, detector):
        """The state after all decay, where this detector has counted one photon and no other any."""
        jump = sandwich(self.clicks[detector], self.clicks[detector])
        after = jump[:, self.moving] @ self._time_spent(self.quiet, state)
        return self.settled(after)

    def _time_spent(self, full, state):
        """The integral over all times of what is still excited."""
        return np.linalg.solve(-full[np.ix_(self.moving, self.moving)], state[self.moving])

    def _arrived(self, full, state, time_spent):
        result = np.where(self.moving, 0, state)
        result[~self.moving] += full[np.ix_(~self.moving, self.moving)] @ time_spent
        return result


def reported(emission, state, detector, dark, number_resolving):
    """The state after a lone click of one of two detectors."""
    nothing = emission.settled(state)
    seen = emission.settled(state, [detector]) - nothing
    if number_resolving:
        seen = (1 - dark) * emission.counted_once(state, detector)
    return (1 - dark) * (seen + dark * nothing)


def excitation(size, pulses, phase_rad):
    """The map of pulses from ground to excited levels of both emitters, the left one with a phase in rail 1."""
    left, right = np.eye(size, dtype=complex), np.eye(size, dtype=complex)
    for ground, excited in pulses:
        swap = np.eye(size)
        swap[[ground, excited]] = swap[[excited, ground]]
        phases = np.ones(size, complex)
        phases[excited] = np.exp(1j * phase_rad * ground)
        left, right = np.diag(phases) @ swap @ left, swap @ right
    both = np.kron(left, right)
    return sandwich(both, both)


def memories(vector, size):
    """The 4x4 matrix of both emitters in their ground states."""
    rho = vector.reshape(size, size, size, size)[:2, :2, :2, :2]
    return rho.reshape(4, 4)


def start(size, bright=(0.5, 0.5)):
    one = [np.array([np.sqrt(1 - b), np.sqrt(b), *[0] * (size - 2)]) for b in bright]
    both = np.kron(*one)
    return np.outer(both, both).reshape(-1)


def single_click(*, bright_population, detector, dark_count_probability=0.0, number_resolving=False, **emitters):
    """Unnormalized state of two memories of which the bright states are excited, after one lone click."""
    emission = Emission([transition(3, 1, 2)], [0, 0, 1], **emitters)
    state = excitation(3, [(1, 2)], 0.0) @ start(3, bright_population)
    state = reported(emission, state, (detector, 0), dark_count_probability, number_resolving)
    return memories(state, 3)


def time_bins(*, detectors, dark_count_probability=0.0, number_resolving=False, phase_rad=0.0, **emitters):
    """Unnormalized state after one lone click in each of two rails that are excited one after the other."""
    state = start(3)
    for rail, detector in enumerate(detectors):
        emission = Emission([transition(3, rail, 2)], [0, 0, 1], **emitters)
        state = excitation(3, [(rail, 2)], phase_rad) @ state
        state = reported(emission, state, (detector, 0), dark_count_probability, number_resolving)
    return memories(state, 3)


def barrett_kok(*, detectors, **emitters):
    """Unnormalized state after two rounds in which bright memories emit, both flipped after each; ideal detectors."""
    state, flip = start(3), on_both(np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]]))
    both = sandwich(flip[0] @ flip[1], flip[0] @ flip[1])
    for detector in detectors:
        emission = Emission([transition(3, 1, 2)], [0, 0, 1], **emitters)
        state = excitation(3, [(1, 2)], 0.0) @ state
        state = both @ reported(emission, state, (detector, 0), 0.0, False)
    return memories(state, 3)


def polarizations(*, detectors, dark_count_probability=0.0, phase_rad=0.0, **emitters):
    """Unnormalized state after one lone click of threshold detectors in each of two rails that are excited together."""
    emission = Emission([transition(4, 0, 2), transition(4, 1, 3)], [0, 0, 1, 1], **emitters)
    state = excitation(4, [(0, 2), (1, 3)], phase_rad) @ start(4)
    clicked, result = [(name, rail) for rail, name in enumerate(detectors)], 0
    for real in product((True, False), repeat=2):  # a photon, or a dark count
        wanted = [d for d, by_light in zip(clicked, real, strict=True) if by_light]
        for out in product(*[((1, [d]), (-1, [])) for d in wanted]):
            weight = np.prod([sign for sign, _ in out]) * dark_count_probability ** (2 - len(wanted))
            result = result + weight * emission.settled(state, [d for _, kept in out for d in kept])
    return (1 - dark_count_probability) ** 2 * memories(result, 4)
