"""Erasure and fibers give the tabulated numbers."""

import numpy as np
from channels.case_tables import CaseTable

from qnet_channels import Fiber, erasure
from qnet_core import bell_state, concurrence, fidelity

CASES = CaseTable("fiber.toml", digits=12)
BELL = bell_state("phi+")


@CASES.check
def erasure_of_half_a_pair(transmissivity):
    after = BELL.apply(erasure(transmissivity=transmissivity), 1)
    blocks = after.matrix.reshape(2, 3, 2, 3)
    arrived, lost = blocks[:, :2, :, :2], blocks[:, 2, :, 2]
    arrival = np.einsum("abab", arrived).real
    kept_fidelity = np.einsum("aabb", arrived).real / 2
    return {
        "arrival_probability": arrival,
        "unconditional_fidelity": kept_fidelity,
        "fidelity_on_arrival": kept_fidelity / arrival,
        "kept_half_on_loss": lost[0, 0].real / np.trace(lost).real,
    }


@CASES.check
def single_rail_loss(transmissivity):
    fiber = Fiber(length_km=-10 * np.log10(transmissivity), attenuation_db_per_km=1.0)
    after = BELL.apply(fiber.loss("single-rail"), 1)
    return {
        "fidelity": fidelity(after, BELL),
        "vacuum_probability": after.ptrace(1).matrix[0, 0].real,
        "concurrence": concurrence(after),
    }


@CASES.check
def fiber_transmissivity(length_km, attenuation_db_per_km):
    transmissivity = Fiber(length_km=length_km, attenuation_db_per_km=attenuation_db_per_km).transmissivity
    per_km = -np.log(transmissivity) / length_km
    return {
        "transmissivity": transmissivity,
        "attenuation_per_km": per_km,
        "attenuation_length_km": 1 / per_km,
        "half_length_km": np.log(2) / per_km,
    }


@CASES.check
def fiber_loss(length_km, attenuation_db_per_km):
    return {"transmissivity": Fiber(length_km=length_km, attenuation_db_per_km=attenuation_db_per_km).transmissivity}


@CASES.check
def fiber_latency(length_km, group_index):
    latency_s = Fiber(length_km=length_km, group_index=group_index).latency_s
    return {
        "speed_km_per_s": length_km / latency_s,
        "latency_us_per_km": 1e6 * latency_s / length_km,
        "latency_us": 1e6 * latency_s,
    }


@CASES.check
def fiber_budget(length_km, attenuation_db_per_km, connectors_db, splices_db, device_transmissivities):
    devices_db = -10 * np.log10(device_transmissivities).sum()
    transmissivity = Fiber(
        length_km=length_km,
        attenuation_db_per_km=attenuation_db_per_km,
        insertion_loss_db=sum(connectors_db) + sum(splices_db) + devices_db,
    ).transmissivity
    return {"loss_db": -10 * np.log10(transmissivity), "transmissivity": transmissivity}


@CASES.parametrize
def test_fiber_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()
