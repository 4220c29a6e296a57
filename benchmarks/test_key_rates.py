"""Key rates over a million parameter sets, beside loops, and the best settings of a finite key over distance."""

import numpy as np
import pytest
from workloads import NUM_POINTS, blockwise_engine, size

from qnet_core import blockwise
from qnet_protocols import bbm92, best_settings, decoy_bb84, finite_decoy_bb84, gg02, mdi_qkd, twin_field

RNG = np.random.default_rng(15)
ETA = 10 ** RNG.uniform(-6, -0.5, NUM_POINTS)
DARK, ERROR = 10 ** RNG.uniform(-8, -5, NUM_POINTS), RNG.uniform(0, 0.03, NUM_POINTS)
SIGNAL = RNG.uniform(0.3, 0.7, NUM_POINTS)
DISTANCES = size(200, 5)
RANGES = {
    "signal": (0.1, 1.0),
    "decoy": (0.01, 0.9),
    "bias": (0.3, 0.99),
    "often": (0.05, 0.98),
    "decoys": (0.05, 0.95),
}

RATES = {
    "decoy BB84": lambda eta, dark, error, signal: decoy_bb84(
        transmissivity=eta, intensities=(signal, 0.05, 0.0), dark_count_probability=dark, misalignment_error=error
    ),
    "BBM92": lambda eta, dark, error, signal: bbm92(
        transmissivity=eta, mean_photons=signal / 10, dark_count_probability=dark, misalignment_error=error
    ),
    "MDI": lambda eta, dark, error, signal: mdi_qkd(
        transmissivity=eta, mean_photons=signal, dark_count_probability=dark, misalignment_error=error
    ),
    "twin-field": lambda eta, dark, error, signal: twin_field(
        transmissivity=eta, mean_photons=signal / 20, dark_count_probability=dark, misalignment_error=error
    ),
    "GG02": lambda eta, dark, error, signal: gg02(
        transmissivity=eta, modulation_variance=10 * signal, excess_noise=error
    ),
}
each_rate = pytest.mark.parametrize(
    "rate",
    [
        pytest.param(rate, id=name, marks=pytest.mark.benchmark(group=f"key rates, {name}"))
        for name, rate in RATES.items()
    ],
)


@each_rate
@pytest.mark.parametrize("threads", (1, 2))
def test_rates_blockwise(measure, rate, threads):
    def run():
        return blockwise(lambda *point: rate(*point).secret_fraction, ETA, DARK, ERROR, SIGNAL, threads=threads)

    np.testing.assert_allclose(run(), rate(ETA, DARK, ERROR, SIGNAL).secret_fraction, rtol=1e-12, atol=1e-18)
    measure(blockwise_engine(threads), run, units=NUM_POINTS)


@each_rate
def test_rates_plain(measure, rate):
    assert (rate(ETA, DARK, ERROR, SIGNAL).secret_fraction > 0).any()
    measure("ours, plain", lambda: rate(ETA, DARK, ERROR, SIGNAL), units=NUM_POINTS, once=True)


@each_rate
def test_rates_in_a_loop(measure, rate):
    few = [values[:20] for values in (ETA, DARK, ERROR, SIGNAL)]

    def run():
        return [rate(*point).secret_fraction for point in zip(*few, strict=True)]

    np.testing.assert_allclose(run(), rate(*few).secret_fraction, rtol=1e-12, atol=1e-18)
    measure("ours, point by point", run, units=len(few[0]))


@pytest.mark.benchmark(group="key rates, decoy BB84 with four intensities (linear program)")
def test_linear_program(measure):
    count = NUM_POINTS // 10

    def run():
        return decoy_bb84(
            transmissivity=ETA[:count],
            intensities=(0.5, 0.2, 0.05, 0.0),
            dark_count_probability=DARK[:count],
            misalignment_error=0.02,
        )

    assert (run().secret_fraction > 0).any()
    measure("ours", run, units=count, once=True)


@pytest.mark.benchmark(group="key rates, finite decoy BB84, best five settings per distance")
def test_best_settings(measure):
    eta = 10 ** (-np.linspace(0.7, 4.0, DISTANCES))

    def key(signal, decoy, bias, often, decoys):
        return finite_decoy_bb84(
            num_pulses=1e11, intensities=(signal, decoy * signal, 2e-4),
            intensity_probabilities=(often, (1 - often) * decoys, (1 - often) * (1 - decoys)),
            key_basis_probability=bias, transmissivity=eta, misalignment_error=0.02, background_yield=1e-7,
        )  # fmt: skip

    assert (np.diff(best_settings(key, RANGES).key.balance) < 0).all()
    measure("ours", lambda: best_settings(key, RANGES), units=DISTANCES, once=True)
