"""Key fractions and their bound have the tabulated values."""

from channels.case_tables import CaseTable

from qnet_channels import Fiber
from qnet_core import werner_state
from qnet_protocols import repeaterless_bound, secret_key_fraction

CASES = CaseTable("key_rates.toml", digits=9)


@CASES.check
def key_fraction_at_error_rate(error_rate):
    pair = werner_state(fidelity=1 - 1.5 * error_rate)
    return {"bb84": secret_key_fraction(pair, "bb84"), "six_state": secret_key_fraction(pair, "six-state")}


@CASES.check
def bound_without_repeater(transmissivity):
    return {"secret_bits": repeaterless_bound(transmissivity)}


@CASES.check
def bound_over_fiber(length_km, attenuation_db_per_km, segments):
    """Ideal repeaters leave the bound of one of the equal segments."""
    segment = Fiber(length_km=length_km / segments, attenuation_db_per_km=attenuation_db_per_km)
    return {"secret_bits": repeaterless_bound(segment.transmissivity)}


@CASES.parametrize
def test_key_rate_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()
