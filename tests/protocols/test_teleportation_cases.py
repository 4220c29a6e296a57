"""Teleportation gives the tabulated numbers."""

import numpy as np
from channels.case_tables import CaseTable

from qnet_channels import BellStation, Fiber, Memory, amplitude_damping
from qnet_core import (
    average_gate_fidelity,
    bell_diagonal_state,
    bell_state,
    fidelity,
    ket,
    process_fidelity,
    pure_state,
    werner_state,
)
from qnet_protocols import teleport, teleport_branches, teleportation_channel

CASES = CaseTable("teleportation.toml", digits=9)


def station(two_qubit_reliability, readout_reliability):
    return BellStation(gate_mixing=1 - two_qubit_reliability, readout_error=1 - readout_reliability)


def waiting(length_km, t1_s, t2_s):
    return {"memory": Memory(t1_s, t2_s), "latency_s": Fiber(length_km).latency_s}


def both_fidelities(channel):
    return {"process": process_fidelity(channel), "average": average_gate_fidelity(channel)}


@CASES.check
def through_werner(**pair):
    return {"average": average_gate_fidelity(teleportation_channel(werner_state(**pair)))}


@CASES.check
def along_axes(weights):
    pair = bell_diagonal_state(weights)
    axes = {"z": "01", "x": "+-", "y": "rl"}
    found = {name: [fidelity(teleport(ket(s), pair), ket(s)) for s in symbols] for name, symbols in axes.items()}
    return found | {"average": average_gate_fidelity(teleportation_channel(pair))}


@CASES.check
def one_input(weights, theta, phi):
    state = pure_state([np.cos(theta / 2), np.exp(1j * phi) * np.sin(theta / 2)])
    return {"fidelity": fidelity(teleport(state, bell_diagonal_state(weights)), state)}


@CASES.check
def through_damped(damping):
    pair = bell_state().apply(amplitude_damping(damping=damping), 1)
    outcomes = [fidelity(branch.state, ket("0")) for branch in teleport_branches(ket("0"), pair)]
    return both_fidelities(teleportation_channel(pair)) | {"outcomes": outcomes}


@CASES.check
def noisy_station(fidelity, **reliabilities):
    return both_fidelities(teleportation_channel(werner_state(fidelity=fidelity), station=station(**reliabilities)))


@CASES.check
def after_latency(**given):
    wait = waiting(**given)
    outcomes = [fidelity(branch.state, ket("1")) for branch in teleport_branches(ket("1"), bell_state(), **wait)]
    channel = teleportation_channel(bell_state(), **wait)
    return both_fidelities(channel) | {"outcomes": outcomes, "latency_s": wait["latency_s"]}


@CASES.check
def noisy_after_latency(fidelity, two_qubit_reliability, readout_reliability, **given):
    noisy = station(two_qubit_reliability, readout_reliability)
    return both_fidelities(teleportation_channel(werner_state(fidelity=fidelity), station=noisy, **waiting(**given)))


@CASES.check
def biased_sender(damping, **given):
    pair = bell_state().apply(amplitude_damping(damping=damping), 0)
    return {"average": average_gate_fidelity(teleportation_channel(pair, **waiting(**given)))}


@CASES.parametrize
def test_teleportation_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()
