"""Devices of published hardware: what a data sheet's numbers make."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import Channel, Heralded
from qnet_core import _checks as checks
from qnet_core.errors import ParameterError, ParameterTypeError

from . import lookup
from .conventions import depolarizing_strength
from .detection import Readout
from .fiber import Fiber
from .links import double_click_link, single_click_link
from .memory import Memory
from .noise import depolarizing
from .registers import EnsembleMemory, MemoryNode
from .sheets import Quantity, Sheet, names, sheet
from .swapping import BellStation

__all__ = ["Emitter", "Platform", "preset", "presets"]


@dataclass(frozen=True, slots=True, eq=False)
class Emitter:
    """A source of single photons entangled with a memory; every field broadcasts.

    Attributes
    ----------
    photon_detection_probability : array_like
        From emission to a click, without the fibre between nodes, in [0, 1].
    visibility : array_like
        Hong-Ou-Mandel visibility of photons of two such emitters, in [0, 1].
    """

    photon_detection_probability: ArrayLike
    visibility: ArrayLike = 1.0

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            object.__setattr__(self, name, checks.frozen(checks.probability(getattr(self, name), name)))
        checks.broadcast_parameters({name: np.asarray(getattr(self, name)) for name in self.__dataclass_fields__})

    def transmissivity(self, fiber: Fiber | None = None) -> checks.Floats:
        """Return the probability from emission to a click behind a fibre."""
        detected = np.asarray(self.photon_detection_probability)
        if fiber is None:
            return checks.plain(detected)
        if not isinstance(fiber, Fiber):
            raise ParameterTypeError(f"Parameter `fiber` must be a Fiber, but is {type(fiber).__name__}.")
        through = np.asarray(fiber.transmissivity)
        checks.broadcast(photon_detection_probability=detected.shape, fiber=through.shape)
        return checks.plain(detected * through)


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform's numbers, each with unit, grade and source, and the devices they make.

    What a sheet does not know is ideal in the devices (an infinite T1, perfect photons) or, where a device can't do
    without it, refused. Numbers of the grades M (remembered, to be verified) and A (assumed) are starting points, not data.

    Examples
    --------
    >>> ion = preset("ion_sr88_ca43")
    >>> ion.parameters["swap_to_memory_fidelity"].grade
    'R'
    >>> ion.readout().assignment_fidelity.round(6).item()
    0.999
    """

    sheet: Sheet

    def __hash__(self) -> int:
        return hash(self.name)

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return preset, (self.name,)

    @property
    def name(self) -> str:
        """By which ``preset`` finds it."""
        return self.sheet.name

    @property
    def title(self) -> str:
        """What it is."""
        return self.sheet.title

    @property
    def parameters(self) -> Mapping[str, Quantity]:
        """Its numbers by name."""
        return self.sheet.parameters

    def memory(self, role: str = "storage") -> Memory:
        """Return its "storage" or "communication" memory."""
        return Memory.preset(self.name, role)

    def node(self) -> MemoryNode:
        """Return its communication and storage qubits together."""
        return MemoryNode.preset(self.name)

    def ensemble(self) -> EnsembleMemory:
        """Return its ensemble memory."""
        return EnsembleMemory.preset(self.name)

    def readout(self) -> Readout:
        """Return its readout."""
        return Readout.preset(self.name)

    def gate_noise(self, num_qubits: int = 1) -> Channel:
        """Return depolarizing noise of the average fidelity of its gates on one or two qubits."""
        key = {1: "one_qubit_gate_fidelity", 2: "two_qubit_gate_fidelity"}[
            checks.integer(num_qubits, "num_qubits", 1, 2)
        ]
        return depolarizing(mixing=self._mixing(key, num_qubits), num_qubits=num_qubits)

    def station(self) -> BellStation:
        """Return a station of its two-qubit gate and its readout, both errors of which are averaged."""
        errors = self.readout()
        mean = (np.asarray(errors.error_0) + np.asarray(errors.error_1)) / 2
        return BellStation(gate_mixing=self._mixing("two_qubit_gate_fidelity", 2), readout_error=mean)

    def _mixing(self, key: str, num_qubits: int) -> checks.Floats:
        fidelity = lookup.require_quantity(self.name, key).value
        return depolarizing_strength(average_gate_fidelity=fidelity, num_qubits=num_qubits).mixing

    def emitter(self) -> Emitter:
        """Return its source of photons."""
        roles = lookup.emitter_roles(self.name)
        return Emitter(roles.detection.value, roles.visibility.value)

    def link(
        self, *, fiber: Fiber | None = None, emitter: Emitter | None = None,
        bright_population: ArrayLike | None = None, dark_count_probability: ArrayLike = 0.0,
    ) -> Heralded:  # fmt: skip
        """Return a fresh pair of two such nodes, each with this fibre to the station half-way.

        ``emitter`` and, for the single-click scheme, ``bright_population`` are the platform's own if none is given.
        """
        if self.sheet.scheme not in ("single-click", "double-click"):
            raise ParameterError(
                f"Platform {self.name!r} links by {self.sheet.scheme}, which its sheet has too few numbers for."
            )
        source = self.emitter() if emitter is None else emitter
        if not isinstance(source, Emitter):
            raise ParameterTypeError(f"Parameter `emitter` must be an Emitter, but is {type(source).__name__}.")
        shared: dict[str, Any] = {
            "transmissivity": source.transmissivity(fiber), "visibility": source.visibility,
            "dark_count_probability": dark_count_probability,
        }  # fmt: skip
        if self.sheet.scheme == "single-click":
            return single_click_link(**self._bright_state(bright_population), **shared)
        if bright_population is not None:
            raise ParameterError(
                f"Parameter `bright_population` must not be given for the double-click scheme of {self.name!r}."
            )
        return double_click_link(**shared)

    def _bright_state(self, bright_population: ArrayLike | None) -> dict[str, Any]:
        """Return what the single-click scheme takes besides photons."""
        own = bright_population
        if own is None:
            own = lookup.require_quantity(self.name, "bright_population").value
        return {"bright_population": own, "phase_std_rad": lookup.optional_value(self.name, "phase_std", 0.0)}


def presets() -> tuple[str, ...]:
    """Return the names of the platforms.

    >>> presets()[:4]
    ('atom_rb87', 'eit_rb', 'eu_yso', 'ion_ba138_duke')
    """
    return names()


def preset(name: str) -> Platform:
    """Return a platform: its parameters with unit, grade and source, and its devices.

    >>> preset("nv_delft").parameters["visibility"].value
    0.9
    """
    return Platform(sheet(name))
