"""Stations of linear optics that succeed in more than half of all cases, by ancillary photons."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks

from .heralding import arms
from .parameters import choice

__all__ = ["BoostedStation"]

Ancillas = Literal["bell-pair", "bell-pair-and-ghz", "four-photons"]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one kind of ancillas announces, by the number of them that are lost; see the head of the file."""

    num_detectors: int
    both: list[list[list[float]]]
    one: list[list[float]]
    none: list[list[float]]

    @property
    def correlators(self) -> checks.Floats:
        """All of them, shape (signals lost, ancillas lost, outcome, I X Y Z)."""
        less = np.array([self.one, self.none])[..., None] * np.array([1.0, 0, 0, 0])
        return np.array([self.both, *less])


@dataclass(frozen=True, slots=True, eq=False)
class BoostedStation:
    """A Bell measurement of two dual-rail photons with ancillary photons, which tells phi+ and phi- apart in some cases.

    Both photons and the ancillas meet in an interferometer, and detectors in all of its outputs count photons. An outcome
    is announced where as many photons are counted as there should be and only one Bell state could have made the pattern.
    So every photon is needed: without dark counts ``p = P η_a η_b η_c^n``, psi+ and psi- announced always and phi+ and phi- in
    2P - 1 of the cases, and each of them exactly. A station without ancillas (P = 1/2) is better for η_c below 0.82,
    0.91 and 0.90 in the order below.

    Exact, for pairs in any state, in all losses and dark counts: a dark count that stands for a lost photon makes a
    false announcement, which still tells a little where only ancillas are lost. Not modelled: photons that differ (visibility 1),
    faulty ancillary states other than by loss, detectors that don't count, and announcements from incomplete counts, which
    would be possible with "four-photons".

    Attributes
    ----------
    ancillas : {"bell-pair", "bell-pair-and-ghz", "four-photons"}
        A photonic Bell pair (n = 2, P = 3/4); a pair and a GHZ state of four photons (n = 6, P = 7/8): Grice's first two
        steps to ``1 - 2**-N``; four single photons (n = 4, P = 3/4).
    transmissivity : array_like or (left, right)
        Probability η that a photon of the left and of the right pair is counted, from its memory (retrieval) on. A tuple
        is a pair of arms; everything else is one value for both.
    ancilla_transmissivity : array_like
        Probability η_c that an ancillary photon is counted, from its source on.
    dark_count_probability : array_like
        Of each of the 8, 16 and 8 detectors in the detection window, which adds one to its count.

    References
    ----------
    Grice, PRA 84, 042331 (2011); Ewert and van Loock, PRL 113, 140503 (2014).

    Examples
    --------
    >>> from qnet_channels import swap
    >>> from qnet_core import bell_state
    >>> pair, station = bell_state("phi+"), BoostedStation("four-photons", ancilla_transmissivity=0.95)
    >>> swap(pair, pair, station=station).probability.round(6).item()
    0.61088
    """

    ancillas: Ancillas = "bell-pair"
    transmissivity: ArrayLike = 1.0
    ancilla_transmissivity: ArrayLike = 1.0
    dark_count_probability: ArrayLike = 0.0

    def __post_init__(self) -> None:
        choice(self.ancillas, "ancillas", tuple(_tables()))
        signals = arms(self.transmissivity, "transmissivity", checks.probability)
        other = {
            name: checks.probability(getattr(self, name), name)
            for name in ("ancilla_transmissivity", "dark_count_probability")
        }
        checks.broadcast_parameters(signals | other)
        left, right = (checks.frozen(value) for value in signals.values())
        object.__setattr__(self, "transmissivity", (left, right) if isinstance(self.transmissivity, tuple) else left)
        for name, value in other.items():
            object.__setattr__(self, name, checks.frozen(value))

    @property
    def correlations(self) -> checks.Floats:
        """Correlators ``Tr(E P x P)/4``, P = I, X, Y, Z, of what phi+, phi-, psi+ and psi- measure, shape (4, 4, ...)."""
        table = _tables()[self.ancillas]
        weights = self._chances(len(table.both) - 1, table.num_detectors)
        flat = table.correlators.reshape(len(weights), 4, 4)
        return np.tensordot(flat, np.array(np.broadcast_arrays(*weights)), axes=(0, 0))

    def _chances(self, num_ancillas: int, num_detectors: int) -> list[checks.Floats]:
        """Return the probability of every loss with as many dark counts, signals lost first, then ancillas."""
        left, right = arms(self.transmissivity, "transmissivity", checks.probability).values()
        signals = left * right, left * (1 - right) + right * (1 - left), (1 - left) * (1 - right)
        kept, dark = np.asarray(self.ancilla_transmissivity), np.asarray(self.dark_count_probability)
        return [
            arrived * kept ** (num_ancillas - k) * (1 - kept) ** k * dark ** (lost + k)
            * (1 - dark) ** (num_detectors - lost - k)
            for lost, arrived in enumerate(signals)
            for k in range(num_ancillas + 1)
        ]  # fmt: skip


@cache
def _tables() -> Mapping[str, _Table]:
    text = files(__package__).joinpath("data/boosted_stations.toml").read_text(encoding="utf-8")
    return MappingProxyType(msgspec.convert(tomllib.loads(text), dict[str, _Table]))
