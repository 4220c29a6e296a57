"""Wrong arguments of a session are refused before a signal is drawn."""

import numpy as np
import pytest

from qnet_channels import Detector, depolarizing, erasure
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError
from qnet_protocols.bb84_session import bb84_session
from qnet_protocols.key_store import KeyStore

THREE = {"intensities": (0.5, 0.1, 0.0), "intensity_probabilities": (0.6, 0.3, 0.1)}
REFUSED = [
    ({"num_signals": 0}, ParameterError, "`num_signals` must be between 1 and 1e\\+15, but is 0"),
    ({"num_signals": 1e6}, ParameterTypeError, "`num_signals` must be an integer"),
    ({"channel": "noise"}, ParameterTypeError, "`channel` must be a Channel, but is str"),
    ({"channel": depolarizing(mixing=0.1, num_qubits=2)}, DimensionError, "`channel` must be one channel from dims"),
    ({"channel": depolarizing(mixing=[0.1, 0.2])}, DimensionError, "`channel` must be one channel"),
    ({"eavesdropper": erasure(transmissivity=0.1)}, DimensionError, "`eavesdropper` must be one channel"),
    ({"eavesdropper": 0.3}, ParameterTypeError, "`eavesdropper` must be a Channel"),
    ({"detector": 0.9}, ParameterTypeError, "`detector` must be a Detector, but is float"),
    ({"detector": Detector([0.9, 0.8])}, DimensionError, "`detector.efficiency` must be one number"),
    ({"detector": Detector(0.9, dead_time_s=1e-6)}, ParameterError, "`detector.dead_time_s` must be 0"),
    ({"intensities": (0.5, 0.1, 0.0)}, ParameterTypeError, "`intensity_probabilities` is None"),
    ({"intensity_probabilities": (0.5, 0.3, 0.2)}, ParameterTypeError, "`intensities` is None"),
    (THREE | {"intensities": (0.1, 0.5, 0.0)}, ParameterError, "`intensities` must descend"),
    (THREE | {"intensities": (0.5, 0.0)}, DimensionError, "`intensities` must hold three intensities"),
    (THREE | {"intensities": ([0.5, 0.6], 0.1, 0.0)}, DimensionError, r"`intensities\[0\]` must be one number"),
    (THREE | {"intensity_probabilities": (0.6, 0.3, 0.2)}, ParameterError, "with the sum 1"),
    ({"key_basis_probability": 1.1}, ParameterError, "`key_basis_probability` must be between 0 and 1, but is 1.1"),
    ({"sample_fraction": float("nan")}, ParameterError, "`sample_fraction`"),
    ({"max_error_rate": 0.6}, ParameterError, "`max_error_rate` must be between 0 and 0.5"),
    ({"epsilon_secrecy": 0.0}, ParameterError, "`epsilon_secrecy` must be between 0 and 1 and not 0"),
    ({"epsilon_correctness": [1e-15, 1e-10]}, DimensionError, "`epsilon_correctness` must be one number"),
    ({"authentication_store": [1, 0]}, ParameterTypeError, "`authentication_store` must be a KeyStore, but is list"),
    ({"authentication_store": KeyStore([1] * 380)}, ParameterError, "must hold 381 bits, but holds 380"),
    ({"rng": 1}, ParameterTypeError, "`rng` must be a numpy.random.Generator, but is int"),
]


@pytest.mark.parametrize(("given", "error", "text"), REFUSED)
def test_refused(given, error, text):
    with pytest.raises(error, match=text):
        bb84_session(**{"num_signals": 100} | given)


def test_what_is_refused_takes_no_key():
    store = KeyStore(np.ones(400, np.uint8))
    with pytest.raises(ParameterError):
        bb84_session(num_signals=0, authentication_store=store)
    assert store.num_bits == 400
