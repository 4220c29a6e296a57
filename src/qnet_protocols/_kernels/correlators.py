"""Correlators of a chain of equal links, of which all but the first enter by their diagonal.

Off equilibrium, Z decays by exp(-a t): ``Z -> z + (Z - z) exp(-a t)`` on each side; X and Y by exp(-b t). Each correlator of a
pair that waits is a sum of terms with the exponents 0, a, 2a, b, a + b, 2b, numbered 0 to 5.
"""

from typing import Any

from qnet_core._jit import kernel

Array = Any  # a flat array of 16 or 24 rows of points; Numba types it at the call


@kernel
def fill_others(out: Array, link: Array, z: Array, factors: Array) -> None:
    """Write what a link behind the first adds to each column, by exponent 0, a, 2a, 2b, times ``factors`` of a swap."""
    size = z.size
    out[:] = 0.0
    for o in range(size):
        xx, yy, zz = link[5 * size + o], link[10 * size + o], link[15 * size + o]
        side, kept = link[3 * size + o] + link[12 * size + o], factors[3 * size + o]
        out[o] = factors[o]
        out[7 * size + o] = factors[size + o] * xx
        out[11 * size + o] = factors[2 * size + o] * yy
        out[12 * size + o] = kept * z[o] * z[o]
        out[13 * size + o] = kept * z[o] * (side - 2 * z[o])
        out[14 * size + o] = kept * (zz - z[o] * side + z[o] * z[o])


@kernel
def combine(out: Array, link: Array, equilibrium: Array, sums: Array) -> None:
    """Write the Bloch tensor: the components of the first link, by exponent, times their sums; NaN where all of these are 0."""
    size = equilibrium.size
    for o in range(size):
        z, whole = equilibrium[o], sums[o]
        for j in range(4):
            s = 6 * j * size + o
            one, a, aa = sums[s], sums[s + size], sums[s + 2 * size]
            b, ab, bb = sums[s + 3 * size], sums[s + 4 * size], sums[s + 5 * size]
            for i in range(4):
                v, left, right = link[(4 * i + j) * size + o], link[j * size + o], link[4 * i * size + o]
                if i == 3 and j == 3:
                    value = (v - z * (left + right) + z * z) * aa + z * (left + right - 2 * z) * a + z * z * one
                elif i == 3:
                    value = (v - z * left) * (a if j == 0 else ab) + z * left * (one if j == 0 else b)
                elif j == 3:
                    value = (v - z * right) * (a if i == 0 else ab) + z * right * (one if i == 0 else b)
                elif i == 0 and j == 0:
                    value = v * one
                elif i == 0 or j == 0:
                    value = v * b
                else:
                    value = v * bb
                out[(4 * i + j) * size + o] = value / whole
