"""What ``docs/interop.md`` shows for arrays, QuTiP, networkx, xarray and pandas is what happens."""

import numpy as np
from page_blocks import DOCS, blocks, run

from qnet_core import fidelity, werner_state

SETUP = ""  # what stands before the first heading


def named(heading):
    return run("interop.md", (SETUP, heading))


def transposed(matrix):
    """A matrix stacked by rows as one stacked by columns."""
    return matrix.reshape(2, 2).T.reshape(-1)


def test_superoperators_by_rows():
    names = named("Plain arrays")
    rho = np.array([[0.7, 0.1 - 0.3j], [0.1 + 0.3j, 0.3]])
    kraus = names["channel"].kraus()
    expected = sum(k @ rho @ k.conj().T for k in kraus)
    np.testing.assert_allclose((names["by_rows"] @ rho.reshape(-1)).reshape(2, 2), expected, atol=1e-12)
    np.testing.assert_allclose(
        transposed(names["channel"].superop() @ transposed(rho)), expected.reshape(-1), atol=1e-12
    )
    np.testing.assert_allclose(names["from_rows"].transfer, names["channel"].transfer, atol=1e-12)


def test_every_array_of_the_table_goes_out_and_in():
    names = named("Plain arrays")
    rho, channel = names["rho"], names["channel"]
    rows = [line for line in (DOCS / "interop.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")][
        1:
    ]
    assert len(rows) == 6
    for row in rows:
        out, back = (cell.strip().split("`")[1] for cell in row.split("|")[2:4])
        array = eval(out, names)
        given = dict.fromkeys(("matrix", "kraus", "s", "choi", "bloch"), array) | {
            "dims": rho.dims,
            "dims_in": 2,
            "dims_out": 2,
        }
        again = eval(back, names | given)
        expected = rho.bloch if hasattr(again, "bloch") else channel.transfer
        np.testing.assert_allclose(again.bloch if hasattr(again, "bloch") else again.transfer, expected, atol=1e-12)


def test_the_state_of_the_page_tells_orders_apart():
    """A product of three different mixed states, and channels that are complex: no order or conjugate passes for another."""
    names = named(SETUP)
    rho, channel = names["rho"], names["channel"]
    parts = [rho.ptrace(k).matrix for k in range(3)]
    np.testing.assert_allclose(np.kron(np.kron(parts[0], parts[1]), parts[2]), rho.matrix, atol=1e-12)
    assert np.abs(parts[0] - parts[2]).max() > 0.1
    assert np.abs(rho.matrix.imag).max() > 0.01
    assert np.abs(channel.superop().imag).max() > 0.1


def test_qutip():
    names = named("QuTiP")
    np.testing.assert_array_equal(names["theirs"].full(), names["rho"].matrix)
    assert names["theirs"].dims == [[2, 2, 2], [2, 2, 2]]
    np.testing.assert_allclose(names["ours"].matrix, names["rho"].matrix, atol=1e-15)
    np.testing.assert_allclose(names["our_map"].transfer, names["channel"].transfer, atol=1e-12)
    part = names["their_map"](names["theirs"].ptrace(2)).full()
    np.testing.assert_allclose(part, names["rho"].apply(names["channel"], on=2).ptrace(2).matrix, atol=1e-12)


def test_networkx():
    names = named("networkx")
    direct, around = names["found"]
    assert (direct.nodes, around.nodes) == (("A", "C"), ("A", "B", "C"))
    werner = [(4 * f - 1) / 3 for f in (0.98, 0.97)]
    assert abs(around.fidelity - (3 * werner[0] * werner[1] + 1) / 4) < 1e-12
    assert around.rate_hz == 20
    assert names["apart"] == [["A", "C"], ["A", "B", "C"]]


def test_xarray_and_pandas():
    names = named("xarray and pandas")
    table = names["table"]
    assert list(table.columns) == ["length_km", "visibility", "probability"]
    assert len(table) == 6
    at = table[(table.length_km == 50) & (table.visibility == 1.0)]
    np.testing.assert_allclose(at.probability, 0.5 * 10 ** (-0.2 * 50 / 10), rtol=1e-9)
    assert names["states"].batch_shape == (3, 2)
    np.testing.assert_allclose(fidelity(names["states"][0, 1], werner_state(fidelity=1.0)), 1.0, atol=1e-9)


def test_no_block_is_without_a_test():
    tested = {SETUP, "Plain arrays", "QuTiP", "Qiskit", "Cirq", "networkx", "xarray and pandas"}
    assert {block.heading for block in blocks("interop.md")} == tested
