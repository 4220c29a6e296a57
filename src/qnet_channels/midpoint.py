"""Heralded links by a source of photon pairs half-way, whose photons two memories absorb."""

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import DensityMatrix, Heralded, bell_state
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterTypeError, StateError

from .heralding import arms, heralded

__all__ = ["midpoint_source_link"]


def midpoint_source_link(
    *, transmissivity: ArrayLike, false_herald_probability: ArrayLike = 0.0, source_state: DensityMatrix | None = None,
    emission_probability: ArrayLike = 1.0,
) -> Heralded:  # fmt: skip
    """Return the memories' state after both announced that they absorbed their photon of a pair.

    A memory whose photon did not come announces one all the same with the false-herald probability, and is then in
    ``1/2``; the other one has its half of the pair if that came. With both photons (probability
    ``e η_L η_R``) the memories have the source's state, with one of them ``tr_R(source) x 1/2`` or
    ``1/2 x tr_L(source)``, with none ``1/4``.

    Parameters
    ----------
    transmissivity : array_like or (left, right)
        Probability η from emission to announced absorption.
    false_herald_probability : array_like or (left, right)
        Of a memory to which no photon came, per attempt.
    source_state : DensityMatrix of two qubits, optional
        What the source emits, of trace 1, in batches if one likes; phi+ if not given. Nothing is corrected: a source
        of psi- makes a link near psi-.
    emission_probability : array_like
        Probability e that the source emits a pair; no pair is emitted otherwise. Sources of several pairs are not of
        this kind: see ``spdc_link``.

    Returns
    -------
    Heralded
        The state, and the probability per attempt that both memories announce.

    References
    ----------
    Jones et al., New J. Phys. 18, 083015 (2016).

    Examples
    --------
    >>> from qnet_core import fidelity, werner_state
    >>> source = werner_state(fidelity=0.9625)
    >>> link = midpoint_source_link(transmissivity=(0.02, 0.03), false_herald_probability=1e-4, source_state=source)
    >>> fidelity(link.state, bell_state()).round(9).item(), link.probability.round(12).item()
    (0.956740646, 0.000604889506)
    """
    given = {
        **arms(transmissivity, "transmissivity", checks.probability),
        **arms(false_herald_probability, "false_herald_probability", checks.probability),
        "emission_probability": checks.probability(emission_probability, "emission_probability"),
    }
    source = _source(source_state)
    batch = checks.broadcast(**{name: value.shape for name, value in given.items()}, source_state=source.batch_shape)
    checks.capacity(48 * int(np.prod(batch)), "The pairs")
    left, right, false_l, false_r, emitted = given.values()
    fake_l, fake_r = (1 - left) * false_l, (1 - right) * false_r
    weights = np.zeros((4, 4, *np.broadcast_shapes(*(value.shape for value in given.values()))))
    weights[1:, 1:] = emitted * left * right
    weights[1:, 0] = emitted * left * (right + fake_r)
    weights[0, 1:] = emitted * (left + fake_l) * right
    weights[0, 0] = emitted * (left + fake_l) * (right + fake_r) + (1 - emitted) * false_l * false_r
    own = source.broadcast_to(batch)._flat.reshape(4, 4, *batch)
    expanded = weights.reshape(4, 4, *(1,) * (len(batch) - weights.ndim + 2), *weights.shape[2:])
    return heralded(DensityMatrix._wrap((own * expanded).reshape(-1), (2, 2), batch))


def _source(state: DensityMatrix | None) -> DensityMatrix:
    if state is None:
        return bell_state()
    if not isinstance(state, DensityMatrix):
        raise ParameterTypeError(f"Parameter `source_state` must be a DensityMatrix, but is {type(state).__name__}.")
    if state.dims != (2, 2):
        raise DimensionError(f"Parameter `source_state` must be a state of two qubits, but has dims {state.dims}.")
    gap = np.abs(state.trace() - 1)
    if not (gap <= checks.ATOL).all():
        raise StateError(
            f"Parameter `source_state` must have trace 1 (what is not emitted is `emission_probability`), "
            f"but is off by {np.max(gap):.3g}."
        )
    return state
