"""Whether operators or a Choi matrix make a channel, refused in the caller's words."""

import numpy as np

from ._checks import Complexes
from ._positivity import require_hermitian, require_positive
from .errors import ChannelError, KrausError


def require_complete(
    kraus: Complexes, exact: bool, atol: float, name: str = "kraus", rule: str = "must sum to the identity"
) -> None:  # fmt: skip
    """Refuse operators (..., K, D_out, D_in) whose sum K†K exceeds (or, if ``exact``, differs from) the identity."""
    tall = kraus.reshape(*kraus.shape[:-3], -1, kraus.shape[-1])
    excess = tall.conj().swapaxes(-1, -2) @ tall - np.eye(kraus.shape[-1])
    eigenvalues = np.linalg.eigvalsh(excess)
    high, low = float(eigenvalues.max()), float(eigenvalues.min())
    atol = atol * max(1, kraus.shape[-1])
    if exact and (high > atol or low < -atol):
        worst = high if high > -low else low
        raise KrausError(f"Parameter `{name}` {rule} (to {atol:g}), but sum K†K has the eigenvalue {1 + worst:.9g}.")
    if high > atol:
        raise KrausError(
            f"Parameter `{name}` must have sum K†K of at most the identity, but it has the eigenvalue {1 + high:.9g}."
        )


def require_channel(choi: Complexes, size_in: int, name: str, atol: float) -> None:
    """Refuse a Choi matrix (input first) that is not completely positive, or that raises the trace."""
    scale = np.clip(np.abs(np.trace(choi, axis1=-2, axis2=-1)) / size_in, 1e-300, 1)
    require_hermitian(choi, name, atol * scale, ChannelError)
    require_positive(choi, name, atol * scale, "be completely positive", ChannelError)
    size_out = choi.shape[-1] // size_in
    split = choi.reshape(*choi.shape[:-2], size_in, size_out, size_in, size_out)
    high = float(np.linalg.eigvalsh(np.trace(split, axis1=-3, axis2=-1)).max())
    if high > 1 + atol * size_in:
        raise ChannelError(f"Parameter `{name}` must not raise the trace, but multiplies some state's by {high:.9g}.")
