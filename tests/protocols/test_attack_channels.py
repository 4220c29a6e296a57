"""Eve's channels are what measuring, resending and cloning do to density matrices, and betray her as they must."""

import numpy as np
import pytest

from qnet_core import ket
from qnet_core.errors import ParameterError
from qnet_protocols import cloning_attack, intercept_resend
from qnet_protocols.attack_channels import PhotonNumberSplitting, cloning_channel, intercept_resend_channel

BASES = {
    "z": [np.array([1, 0]), np.array([0, 1])],
    "x": [np.array([1, 1]) / np.sqrt(2), np.array([1, -1]) / np.sqrt(2)],
    "breidbart": [np.array([np.cos(np.pi / 8), np.sin(np.pi / 8)]), np.array([-np.sin(np.pi / 8), np.cos(np.pi / 8)])],
}


def measured_and_resent(rho, basis):
    if basis == "random":
        return (measured_and_resent(rho, "z") + measured_and_resent(rho, "x")) / 2
    return sum(np.outer(v, v) * (v @ rho @ v) for v in BASES[basis])


def error_rates(channel):
    states = {"z": ("0", "1"), "x": ("+", "-")}
    return [
        np.mean([ket(a).apply(channel, 0).expect(ket(b).matrix) for a, b in (pair, pair[::-1])])
        for pair in states.values()
    ]


@pytest.mark.parametrize("basis", ["random", "z", "x", "breidbart"])
@pytest.mark.parametrize("fraction", [0.0, 0.3, 1.0])
def test_intercept_resend_by_projectors(basis, fraction):
    channel = intercept_resend_channel(fraction=fraction, basis=basis)
    for name in "01+-rl":
        rho = ket(name).matrix
        expected = (1 - fraction) * rho + fraction * measured_and_resent(rho, basis)
        np.testing.assert_allclose(ket(name).apply(channel, 0).matrix, expected, atol=1e-12)


@pytest.mark.parametrize(("basis", "errors"), [("random", (0.25, 0.25)), ("breidbart", (0.25, 0.25)), ("z", (0, 0.5))])
def test_errors_that_betray_intercepting(basis, errors):
    np.testing.assert_allclose(error_rates(intercept_resend_channel(basis=basis)), errors, atol=1e-12)
    if basis != "z":
        np.testing.assert_allclose(
            error_rates(intercept_resend_channel(fraction=0.3, basis=basis)),
            intercept_resend(fraction=0.3, basis=basis).error_rate, atol=1e-12,
        )  # fmt: skip


@pytest.mark.parametrize("error", [0.0, 0.05, 0.1464466, 0.5])
def test_cloner_leaves_eve_what_the_attack_counts(error):
    """Eve holds what purifies the channel: her best guess of a bit, by the trace distance of her two states."""
    channel = cloning_channel(error_rate=error)
    np.testing.assert_allclose(error_rates(channel), error, atol=1e-12)
    kraus = channel.kraus()
    for pair in ("01", "+-"):
        kets = [np.linalg.eigh(ket(bit).matrix)[1][:, -1] for bit in pair]
        hers = [np.einsum("kai,i,laj,j->kl", kraus, v, kraus.conj(), v.conj()) for v in kets]
        distance = np.abs(np.linalg.eigvalsh(hers[0] - hers[1])).sum() / 2
        guess = (1 + distance) / 2
        entropy = 0.0 if guess >= 1 - 1e-12 else -guess * np.log2(guess) - (1 - guess) * np.log2(1 - guess)
        np.testing.assert_allclose(1 - entropy, cloning_attack(error_rate=error).information, atol=1e-9)


def test_batches_and_refusals():
    assert intercept_resend_channel(fraction=[0.1, 0.2], basis="breidbart").batch_shape == (2,)
    assert cloning_channel(error_rate=[[0.1], [0.2]]).batch_shape == (2, 1)
    with pytest.raises(ParameterError, match="`basis` must be one of random, z, x, breidbart"):
        intercept_resend_channel(basis="y")
    with pytest.raises(ParameterError, match=r"`error_rate` must be between 0 and 0\.5"):
        cloning_channel(error_rate=0.6)
    with pytest.raises(ParameterError, match="`blocked_fraction` must be between 0 and 1, but is 2"):
        PhotonNumberSplitting(blocked_fraction=2)
