"""When to read a probe: closed forms of dephasing, agreement with diagonalization, a fine grid, and scaling."""

import numpy as np
import pytest

from qnet_channels import Memory
from qnet_core import ghz_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError
from qnet_protocols import (
    clock_instability,
    frequency_information,
    ghz_frequency_information,
    optimal_probe_time,
)

MEMORIES = [
    Memory(np.inf, 2.0),
    Memory(1.0, 2.0),
    Memory(1.0, 0.5, excited_population=0.3),
    Memory(3.0, 1.0, decay_exponent=2.0),
    Memory(np.inf, 1.0, decay_exponent=2.0, age_s=0.5),
]


@pytest.mark.parametrize("memory", MEMORIES)
@pytest.mark.parametrize("n", [1, 2, 4])
def test_ghz_information_is_that_of_its_density_matrix(memory, n):
    times = np.array([0.0, 0.03, 0.4, 1.5])
    found = ghz_frequency_information(n, memory=memory, duration_s=times)
    expected = frequency_information(ghz_state(n), duration_s=times, memory=memory)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-14)


def test_exponential_dephasing_favours_nobody():
    """1/(2 n γ), and n/(2 e γ) for entangled and separate probes alike (Huelga et al.)."""
    n, rate = np.array([1, 2, 10, 1000]), np.array([[0.1], [5.0]])
    best = optimal_probe_time(n, memory=Memory(np.inf, 1 / rate))
    np.testing.assert_allclose(best.duration_s, 1 / (2 * n * rate), rtol=1e-6)
    np.testing.assert_allclose(best.information_rate, n / (2 * np.e * rate), rtol=1e-12)


def test_slow_noise_favours_entanglement():
    """exp(-(t/T)²): t = T/(2 √n), and n^(3/2) T/(2 √e) per second, √n more than separate probes (Chin, Huelga, Plenio)."""
    n, t2 = np.array([1, 4, 100, 10_000]), 3.0
    best = optimal_probe_time(n, memory=Memory(np.inf, t2, decay_exponent=2.0))
    np.testing.assert_allclose(best.duration_s, t2 / (2 * np.sqrt(n)), rtol=1e-6)
    np.testing.assert_allclose(best.information_rate, n**1.5 * t2 / 2 * np.exp(-0.5), rtol=1e-12)


def test_scaling_at_a_fixed_time():
    """n² while decoherence is far away, n at best where it is not."""
    n = np.array([1, 10])
    short = ghz_frequency_information(n, memory=Memory(np.inf, 1.0), duration_s=1e-6)
    assert short[1] / short[0] == pytest.approx(100, rel=1e-4)
    best = optimal_probe_time(n, memory=Memory(np.inf, 1.0)).information_rate
    assert best[1] / best[0] == pytest.approx(10, rel=1e-9)


@pytest.mark.parametrize("memory", MEMORIES)
@pytest.mark.parametrize("dead", [0.0, 0.3, 30.0])
def test_no_time_of_a_fine_grid_is_better(memory, dead):
    n = np.array([1, 3, 20])
    best = optimal_probe_time(n, memory=memory, dead_time_s=dead)
    times = np.geomspace(1e-4, 30, 4001)[:, None]
    rates = ghz_frequency_information(n, memory=memory, duration_s=times) / (times + dead)
    np.testing.assert_allclose(best.information_rate, rates.max(axis=0), rtol=1e-4)
    assert (best.information_rate >= rates.max(axis=0) * (1 - 1e-12)).all()
    own = ghz_frequency_information(n, memory=memory, duration_s=best.duration_s) / (best.duration_s + dead)
    np.testing.assert_allclose(best.information_rate, own, rtol=1e-12)


def test_dead_time_favours_separate_probes():
    n = np.array([1, 8])
    gains = [
        np.divide(*optimal_probe_time(n, memory=Memory(np.inf, 1.0), dead_time_s=d).information_rate[::-1]) / 8
        for d in (0.0, 0.1, 10.0)
    ]
    assert gains[0] == pytest.approx(1)
    assert gains[0] > gains[1] > gains[2]


def test_large_states_do_not_underflow():
    found = ghz_frequency_information([10**6], memory=Memory(1.0, 1.0), duration_s=[1e-6, 1.0])
    assert np.isfinite(found).all()
    assert found[0] > 0
    assert found[1] == 0


def test_everything_broadcasts():
    memory = Memory(np.inf, [[1.0], [2.0]])
    best = optimal_probe_time([1, 2, 3], memory=memory, dead_time_s=[0.0, 0.1, 0.2])
    assert best.duration_s.shape == best.information_rate.shape == (2, 3)
    one = optimal_probe_time(3, memory=Memory(np.inf, 2.0), dead_time_s=0.2)
    assert best.information_rate[1, 2] == pytest.approx(one.information_rate, rel=1e-12)


def test_instability_is_the_textbook_one():
    """n separate Ramsey probes without decay: 1/(2π ν √(n t τ))."""
    n, t, tau, frequency = 100, 0.5, 10.0, 4e14
    perfect = Memory(np.inf, np.inf)
    rate = n * ghz_frequency_information(1, memory=perfect, duration_s=t) / t
    found = clock_instability(rate, frequency_hz=frequency, averaging_s=tau)
    assert found == pytest.approx(1 / (2 * np.pi * frequency * np.sqrt(n * t * tau)), rel=1e-12)
    assert clock_instability(0.0, frequency_hz=frequency, averaging_s=tau) == np.inf
    assert clock_instability([1.0, 2.0], frequency_hz=[[1.0], [2.0], [3.0]], averaging_s=1.0).shape == (3, 2)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda m: ghz_frequency_information(0, memory=m, duration_s=1),
            ParameterError,
            "Parameter `num_qubits` must be at least 1",
        ),
        (
            lambda m: ghz_frequency_information(1.5, memory=m, duration_s=1),
            ParameterError,
            "`num_qubits` must be a whole number",
        ),
        (
            lambda m: ghz_frequency_information(1, memory=m, duration_s=-1),
            ParameterError,
            "Parameter `duration_s` must be at least 0",
        ),
        (
            lambda m: ghz_frequency_information(1, memory=None, duration_s=1),
            ParameterTypeError,
            "Parameter `memory` must be a Memory",
        ),
        (lambda m: optimal_probe_time(2, memory=0.1), ParameterTypeError, "Parameter `memory` must be a Memory"),
        (
            lambda m: optimal_probe_time(2, memory=Memory(np.inf, [1.0, np.inf])),
            ParameterError,
            "Parameter `memory` must decay everywhere",
        ),
        (
            lambda m: optimal_probe_time(2, memory=m, dead_time_s=-1),
            ParameterError,
            "Parameter `dead_time_s` must be at least 0",
        ),
        (lambda m: optimal_probe_time([1, 2], memory=m, dead_time_s=[1, 2, 3]), DimensionError, "must broadcast"),
        (
            lambda m: clock_instability(-1, frequency_hz=1, averaging_s=1),
            ParameterError,
            "Parameter `information_rate` must be at least",
        ),
        (
            lambda m: clock_instability(1, frequency_hz=0, averaging_s=1),
            ParameterError,
            "Parameter `frequency_hz` must be greater",
        ),
        (
            lambda m: clock_instability(1, frequency_hz=1, averaging_s=np.nan),
            ParameterError,
            "Parameter `averaging_s` must be",
        ),
    ],
)
def test_refusals(call, error, text):
    with pytest.raises(error) as raised:
        call(Memory(1.0, 1.0))
    assert text in str(raised.value)
