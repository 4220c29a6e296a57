"""The links of scenario files: a scheme with its photons' fibre and converter, or pairs that are known."""

import inspect
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from qnet_channels import Fiber, FrequencyConverter
from qnet_core import Heralded
from qnet_core import _checks as checks

from .axes import Axes, arguments, in_words_of
from .fiber_tables import fiber_fields
from .pair_steps import SCHEMES
from .schema import ScenarioError, Table
from .signatures import function_of

__all__ = ["LinkPlace", "link_pair"]

Floats = checks.Floats
_GIVEN = ("werner", "bell-diagonal")  # links that are states and have no photons
_REFLECTING = "cavity-reflection"  # whose photon goes all the way


class LinkPlace(NamedTuple):
    """The keys of the tables of a link in a file."""

    link: str = "link"
    fiber: str = "fiber"
    converter: str = "converter"


def link_pair(
    link: Table, fiber: Table | None, converter: Table | None, axes: Axes, place: LinkPlace, *, others: tuple[str, ...] = ()
) -> Heralded:  # fmt: skip
    """Return state and probability of a link; ``others`` are keys of its table that don't make it."""
    scheme = function_of(link)
    given = {name: v for name, v in arguments(link, f"{place.link}.", axes).items() if name not in others}
    if converter is not None:
        _require_photons(scheme, place.converter)
    if fiber is not None:
        _require_photons(scheme, place.fiber)
        given |= _with_fiber(fiber, scheme, given, axes, place)
    elif scheme not in (*_GIVEN, _REFLECTING) and _arms(given.get("transmissivity"))[0] is None:
        raise ScenarioError(
            f"key `{place.link}`: lacks the key `transmissivity`, and there is no table `{place.fiber}`."
        )
    if converter is not None:
        given |= _with_converter(converter, scheme, given, _passed(fiber, scheme, axes, place), axes, place)
    with in_words_of(place.link):
        return SCHEMES[scheme](**given)


def _require_photons(scheme: str, key: str) -> None:
    if scheme in _GIVEN:
        raise ScenarioError(f"table `{key}`: expected only with schemes that send photons, but the scheme is {scheme}.")


def _arms(value: Any) -> tuple[Any, Any]:
    return value if isinstance(value, tuple) else (value, value)


def _through(scheme: str) -> str:
    """Return the parameter that says how much comes through the fibre."""
    return "link_transmissivity" if scheme == _REFLECTING else "transmissivity"


def _own(scheme: str, given: Mapping[str, Any], place: LinkPlace) -> list[Any]:
    """Return what the table of the link says of how much comes through, in each arm; all if it says nothing."""
    name = _through(scheme)
    with in_words_of(place.link):
        return [1.0 if one is None else checks.probability(one, name) for one in _arms(given.get(name))]


def _joined(scheme: str, arms: list[Any]) -> dict[str, Any]:
    return {_through(scheme): arms[0] if scheme == _REFLECTING else tuple(arms)}


def _with_fiber(fiber: Table, scheme: str, given: Mapping[str, Any], axes: Axes, place: LinkPlace) -> dict[str, Any]:
    """Return the transmissivity of a link with its fibre, (left, right) where photons meet on the way."""
    own = _own(scheme, given, place)
    passed = _passed(fiber, scheme, axes, place)
    return _joined(scheme, [one * through for one, through in zip(own, passed, strict=True)])


def _passed(fiber: Table | None, scheme: str, axes: Axes, place: LinkPlace) -> list[Any]:
    """Return the transmissivity of the fibre in both arms."""
    if fiber is None:
        return [1.0, 1.0]
    fields = fiber_fields(fiber, axes, place.fiber)
    share = fields.pop("station_at")
    with in_words_of(place.fiber):
        if scheme == _REFLECTING:
            return [_whole(fields, share, place)] * 2
        return _arms_of_fiber(fields, checks.probability(share, "station_at"))


def _whole(fields: dict[str, Any], share: Any, place: LinkPlace) -> Floats:
    if np.any(np.asarray(share) != 0.5):
        raise ScenarioError(
            f"key `{place.fiber}.station_at`: expected only with schemes whose photons meet on the way."
        )
    return Fiber(**fields).transmissivity


def _arms_of_fiber(fields: dict[str, Any], share: Floats) -> list[Floats]:
    """Return those from both ends to where photons meet; all but the length counts in each arm."""
    length_km = np.asarray(Fiber(**fields).length_km)
    return [Fiber(**fields | {"length_km": length_km * part}).transmissivity for part in (share, 1 - share)]


def _with_converter(
    converter: Table, scheme: str, given: Mapping[str, Any], passed: list[Any], axes: Axes, place: LinkPlace
) -> dict[str, Any]:
    """Return transmissivity and dark counts of a link, each arm of which begins with a converter.

    Noise photons pass the fibre, and half of them go to each of two detectors, so that a detector has the mean of both arms.
    """
    own = arguments(converter, f"{place.converter}.", axes)
    window, detected = own.pop("window_s", None), own.pop("detector_efficiency")
    with in_words_of(place.converter):
        device = FrequencyConverter(**own)
        seen = checks.probability(detected, "detector_efficiency")
        noise = 0.0 if window is None else _noise(device, window, seen, passed)
    changed = _joined(scheme, [one * np.asarray(device.efficiency) for one in _own(scheme, given, place)])
    if not np.any(device.noise_rate_hz):
        return changed
    if window is None:
        raise ScenarioError(f"key `{place.converter}`: lacks the key `window_s`, in which noise is counted.")
    if "dark_count_probability" not in inspect.signature(SCHEMES[scheme]).parameters:
        raise ScenarioError(f"key `{place.converter}.noise_rate_hz`: expected 0 with the scheme {scheme}.")
    with in_words_of(place.link):
        dark = checks.probability(given.get("dark_count_probability", 0.0), "dark_count_probability")
    return changed | {"dark_count_probability": 1 - (1 - dark) * (1 - noise)}


def _noise(device: FrequencyConverter, window: Any, seen: Floats, passed: list[Any]) -> Floats:
    """Return the probability of a noise click of one detector."""
    mean = (np.asarray(passed[0]) + np.asarray(passed[1])) / 2
    return device.dark_count_probability(window_s=window, transmissivity=seen * mean)
