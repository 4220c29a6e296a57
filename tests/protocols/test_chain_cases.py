"""A chain of equal links gives the tabulated waiting times, decays and rates."""

import numpy as np
from channels.case_tables import CaseTable

from qnet_channels import BellStation, Fiber, Memory
from qnet_core import Heralded, bell_state, werner_state
from qnet_protocols import equal_link_chain, secret_key_fraction

CASES = CaseTable("chain.toml", digits=9)
PERFECT = Memory(t1_s=np.inf, t2_s=np.inf)


def chain(success_probability, *, state=None, memory=PERFECT, **given):
    probability = np.asarray(success_probability)
    link = Heralded((state or bell_state("phi+")).broadcast_to(probability.shape), probability)
    return equal_link_chain(link, memory=memory, **given)


@CASES.check
def cycles_until_the_last(num_links, success_probability):
    result = chain(success_probability, num_links=np.array(num_links), cycle_s=1.0)
    np.testing.assert_allclose(result.rate_hz * result.waiting_time_s, 1.0, rtol=1e-14)
    return {"mean_cycles": result.waiting_time_s}


@CASES.check
def multiplexed_cycles_until_the_last(num_links, modes, success_probability):
    given = {"num_links": num_links, "cycle_s": 1.0}
    any_mode = chain(1 - (1 - success_probability) ** modes, **given)
    mean_cycles = chain(success_probability, multiplexing=modes, **given).waiting_time_s
    np.testing.assert_allclose(mean_cycles, any_mode.waiting_time_s, rtol=1e-12)
    return {"mean_cycles": mean_cycles}


@CASES.check
def decay_while_waiting(num_links, success_probability, decay_cycles):
    """Two memories of constant 2 T each make one factor exp(-wait / T) per link.

    With infinite T1 only the coherence <XX> decays; at infinite temperature and T1 = T2 every
    correlation decays alike, and the pairs stay Werner states.
    """
    given = {"num_links": np.array(num_links), "cycle_s": 1.0}
    both = 2 * np.array(decay_cycles)
    dephased = chain(success_probability, memory=Memory(t1_s=np.inf, t2_s=both), **given).state
    np.testing.assert_allclose(dephased.expect("ZZ"), 1.0, rtol=1e-13)
    werner = chain(success_probability, memory=Memory(t1_s=both, t2_s=both, excited_population=0.5), **given).state
    for sign, pauli in ((1, "XX"), (-1, "YY"), (1, "ZZ")):
        np.testing.assert_allclose(sign * werner.expect(pauli), dephased.expect("XX"), rtol=1e-12)
    return {"mean_decay": dephased.expect("XX")}


@CASES.check
def key_rate_over_segments(
    *, length_km, attenuation_db_per_km, success_at_zero_km, link_parameter, swap_parameter, decay_s, num_links
):
    """Werner links, Werner decay (see above) and a station whose gate alone is noisy stay Werner."""
    segments = np.arange(1, 21)
    fiber = Fiber(length_km=length_km / segments, attenuation_db_per_km=attenuation_db_per_km)
    result = chain(
        success_at_zero_km * fiber.transmissivity,
        state=werner_state(fidelity=(1 + 3 * link_parameter) / 4),
        num_links=segments,
        cycle_s=fiber.latency_s,
        memory=Memory(t1_s=2 * decay_s, t2_s=2 * decay_s, excited_population=0.5),
        station=BellStation(gate_mixing=1 - swap_parameter),
    )
    key_rate_hz = result.rate_hz * secret_key_fraction(result.state, "bb84")
    return {"key_rate_hz": key_rate_hz[np.array(num_links) - 1], "best_num_links": segments[np.argmax(key_rate_hz)]}


@CASES.check
def midpoint_link_rate(length_km, preparation_s, probability, modes):
    cycle_s = preparation_s + Fiber(length_km=length_km).latency_s
    given = {"num_links": 1, "cycle_s": cycle_s}
    one, many = chain(probability, **given), chain(probability, multiplexing=modes, **given)
    return {
        "cycle_us": 1e6 * cycle_s,
        "rate_hz": one.rate_hz,
        "mean_attempts": one.waiting_time_s / cycle_s,
        "multiplexed_success": many.rate_hz * cycle_s,
    }


@CASES.parametrize
def test_chain_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()
