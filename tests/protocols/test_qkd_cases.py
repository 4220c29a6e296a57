"""Key rates of every kind have the tabulated values."""

import numpy as np
from channels.case_tables import CaseTable
from scipy.optimize import brentq

from qnet_channels import Fiber
from qnet_core import werner_state
from qnet_protocols import (
    bb84,
    bbm92,
    bell_test,
    best_settings,
    cloning_attack,
    decoy_bb84,
    device_independent_key_fraction,
    finite_decoy_key,
    finite_key,
    gg02,
    intercept_resend,
    mdi_gains,
    mdi_qkd,
    secret_key_fraction,
    squashed_entanglement_bound,
    twin_field,
)

CASES = CaseTable("qkd.toml", digits=9)
GYS = {"background_yield": 1.7e-6, "misalignment_error": 0.033, "reconciliation_efficiency": 1.22}


def gys_transmissivity(length_km):
    return 0.045 * Fiber(length_km, attenuation_db_per_km=0.21).transmissivity


def edge(has_key, inside, outside):
    """Where the key ends: bisection between a point with key and one without."""
    for _ in range(60):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if has_key(middle) else (inside, middle)
    return inside


def named(result, *names):
    return {name: getattr(result, name) for name in names}


@CASES.check
def bb84_threshold(reconciliation_efficiency):
    def has_key(rate):
        pair = werner_state(fidelity=1 - 1.5 * rate)
        return secret_key_fraction(pair, "bb84", reconciliation_efficiency=reconciliation_efficiency) > 0

    return {"error_rate": edge(has_key, 0.0, 0.2)}


@CASES.check
def bell_threshold(error_rate):
    def has_key(value):
        return device_independent_key_fraction(chsh_value=value, error_rate=error_rate) > 0

    return {"chsh_value": edge(has_key, 2.8, 2.0)}


@CASES.check
def bell_fraction(**given):
    return {"secret_fraction": device_independent_key_fraction(**given)}


@CASES.check
def bell_fraction_of_pair(error_rate, efficiency):
    test = bell_test(werner_state(fidelity=1 - 1.5 * error_rate), efficiency=efficiency)
    return {"secret_fraction": device_independent_key_fraction(**test._asdict())}


@CASES.check
def bell_efficiency_threshold():
    def has_key(efficiency):
        return bell_fraction_of_pair(0.0, efficiency)["secret_fraction"] > 0

    return {"efficiency": edge(has_key, 1.0, 0.8)}


@CASES.check
def decoys(length_km, intensities):
    return named(
        decoy_bb84(transmissivity=gys_transmissivity(length_km), intensities=intensities, **GYS), "secret_fraction"
    )


@CASES.check
def no_decoys(length_km, mean_photons):
    key = bb84(transmissivity=gys_transmissivity(length_km), mean_photons=mean_photons, **GYS)
    return named(key, "secret_fraction", "gain", "error_rate") | {"tagged": 1 - key.single_photon_gain / key.gain}


@CASES.check
def entangled(transmissivity, **given):
    return named(bbm92(transmissivity=tuple(transmissivity), **given), "gain", "error_rate")


@CASES.check
def entangled_reach(efficiency, **given):
    def best(loss_db):
        eta = efficiency * 10 ** (-loss_db / 20)
        return best_settings(
            lambda brightness: bbm92(mean_photons=brightness, transmissivity=eta, **given), {"brightness": (1e-5, 1.0)}
        ).key.balance

    return {"loss_db": brentq(lambda loss: best(loss) * 1e9, 40.0, 80.0, xtol=1e-8)}


@CASES.check
def mdi_single_photons(**given):
    return named(mdi_qkd(**given), "gain", "phase_error_rate")


@CASES.check
def mdi_pulses(**given):
    return mdi_gains(**given)._asdict() | named(mdi_qkd(**given), "secret_fraction")


@CASES.check
def twin_fields(amplitude, **given):
    key = twin_field(mean_photons=amplitude**2, **given)
    return named(key, "secret_fraction", "error_rate", "phase_error_rate") | {"half_gain": key.gain / 2}


@CASES.check
def finite_block(**given):
    return named(finite_key(**given), "deviation", "balance", "key_length")


@CASES.check
def finite_decoys(**given):
    found = finite_decoy_key(**given)._asdict()
    del found["balance"]
    return found


@CASES.check
def older_bound(transmissivity):
    return {"secret_bits": squashed_entanglement_bound(transmissivity)}


@CASES.check
def gaussian(**given):
    return named(gg02(**given), "mutual_information", "holevo_information", "secret_fraction")


@CASES.check
def individual_attacks():
    resent = intercept_resend()

    def receiver_ahead(rate):
        return (
            -(rate * np.log2(rate) + (1 - rate) * np.log2(1 - rate)) < 1 - cloning_attack(error_rate=rate).information
        )

    return {
        "intercept_error": resent.error_rate,
        "intercept_bits": resent.information,
        "breidbart_bits": intercept_resend(basis="breidbart").information,
        "cloner_error_rate": edge(receiver_ahead, 0.01, 0.4),
    }


@CASES.parametrize
def test_qkd_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()
