"""Parity codes, trees and encoded chains give the tabulated numbers."""

from channels.case_tables import CaseTable

from qnet_protocols import encoded_chain, parity_code_success, tree_code_success

CASES = CaseTable("generations.toml", digits=11)


@CASES.check
def parity_code(**given):
    return {"success": parity_code_success(**given)}


@CASES.check
def tree(branching, loss):
    return {"success": tree_code_success(branching, loss=loss)}


@CASES.check
def chain(**given):
    return encoded_chain(**given)._asdict()


@CASES.parametrize
def test_generation_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()
