"""Tabulated answers of key processing."""

from channels.case_tables import CaseTable

from qnet_protocols.toeplitz import toeplitz_hash
from qnet_protocols.trusted_nodes import combined_routes, trusted_route

CASES = CaseTable("key_processing.toml", digits=12)


@CASES.check
def privacy_amplification(**given):
    return {"hash": toeplitz_hash(given["key"], seed=given["seed"], length=given["length"])}


@CASES.check
def trusted_chain(link_rates_hz, corrupt_probability):
    route = trusted_route(link_rates_hz, corrupt_probability=corrupt_probability)
    return {
        "key_rate_hz": route.key_rate_hz,
        "compromise_probability": route.compromise_probability,
        "compromise_of_two_routes": combined_routes([route, route]).compromise_probability,
    }


@CASES.parametrize
def test_key_processing_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()
