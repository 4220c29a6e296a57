"""Chains of equal links that must all come within a cut-off time."""

from numpy.typing import ArrayLike

from qnet_channels import BellStation, Memory
from qnet_core import Heralded

from .chain_results import ChainResult
from .chains import equal_link_chain

__all__ = ["cut_off_chain"]


def cut_off_chain(
    link: Heralded, *, num_links: ArrayLike, cycle_s: ArrayLike, memory: Memory, cutoff_s: ArrayLike,
    station: BellStation | None = None, multiplexing: ArrayLike = 1,
) -> ChainResult:  # fmt: skip
    """Return what ``equal_link_chain`` does with a cut-off, which has to be given here: all its parameters, and their meaning.

    Examples
    --------
    >>> import numpy as np
    >>> from qnet_channels import double_click_link
    >>> link = double_click_link(transmissivity=0.1, visibility=0.9)
    >>> memory = Memory(t1_s=np.inf, t2_s=1.0)
    >>> chain = cut_off_chain(link, num_links=2, cycle_s=1e-3, memory=memory, cutoff_s=[0.01, 0.1, np.inf])
    >>> chain.waiting_time_s.round(4).tolist()
    [2.1454, 0.4521, 0.2997]
    """
    return equal_link_chain(
        link, num_links=num_links, cycle_s=cycle_s, memory=memory, station=station, multiplexing=multiplexing,
        cutoff_s=cutoff_s,
    )  # fmt: skip
