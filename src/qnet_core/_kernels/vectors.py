"""Maps on the last two qubits of a flat Bloch tensor with explicit vectors of four numbers.

The compiler leaves loops of length four to scalar instructions, so that a map on one of the last two
qubits would take four times as long as one on any other.
"""

from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .._jit import kernel

Array = Any  # a flat array; Numba types it at the call
VECTOR = ir.VectorType(ir.DoubleType(), 4)
FIRST = ir.Constant(ir.VectorType(ir.IntType(32), 4), [0] * 4)


def _total(builder: Any, weights: list[Any], vectors: list[Any]) -> Any:
    """Return the sum of four vectors, each times the number at an address."""
    total = ir.Constant(VECTOR, ir.Undefined)
    for k, (address, vector) in enumerate(zip(weights, vectors, strict=True)):
        single = builder.insert_element(ir.Constant(VECTOR, ir.Undefined), builder.load(address), ir.IntType(32)(0))
        term = builder.fmul(builder.shuffle_vector(single, single, FIRST), vector)
        total = builder.fadd(total, term) if k else term
    return total


def _generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Emit the code of ``map_sixteen``: first the last qubit, then the one before."""

    def rows(k: int) -> list[list[Any]]:
        data = context.make_array(signature.args[k])(context, builder, args[k]).data
        return [[builder.gep(data, [ir.IntType(32)(4 * i + j)]) for j in range(4)] for i in range(4)]

    def vector(row: list[Any]) -> Any:
        return builder.bitcast(row[0], VECTOR.as_pointer())

    x, weights = rows(0), rows(1)
    columns = [builder.load(vector(row), align=8) for row in rows(2)]
    images = [_total(builder, row, columns) for row in x]
    for place, row in zip(x, weights, strict=True):
        builder.store(_total(builder, row, images), vector(place), align=8)
    return context.get_dummy_value()


def _generate_prefetch(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Emit the code of ``prefetch``."""
    data = context.make_array(signature.args[0])(context, builder, args[0]).data
    at = builder.bitcast(builder.gep(data, [args[1]]), ir.IntType(8).as_pointer())
    flag = ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [at.type, flag, flag, flag])
    builder.call(builder.module.declare_intrinsic("llvm.prefetch", (at.type,), kind), [at, flag(1), flag(3), flag(1)])
    return context.get_dummy_value()


if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]

    def map_sixteen(x: Array, rows: Array, columns: Array) -> None:
        """Map the last but one qubit of sixteen numbers by ``rows``, the last by ``columns`` (transposed), in place."""
        x[:] = (rows.reshape(4, 4) @ x.reshape(4, 4) @ columns.reshape(4, 4)).reshape(-1)

    def prefetch(x: Array, k: int) -> None:
        """Ask for the cache line of element ``k``, which may lie outside."""

else:

    @intrinsic
    def map_sixteen(typing_context: Any, x: Array, rows: Array, columns: Array) -> Any:
        """Map the last but one qubit of sixteen numbers by ``rows``, the last by ``columns`` (transposed), in place."""
        return types.void(x, rows, columns), _generate

    @intrinsic
    def prefetch(typing_context: Any, x: Array, k: int) -> Any:
        """Ask for the cache line of element ``k``, which may lie outside."""
        return types.void(x, types.intp), _generate_prefetch


@kernel
def map_last_two(x: Array, rows: Array, columns: Array) -> None:
    """Map the last two qubits, the last by the transpose of ``columns``."""
    for block in range(x.size // 16):
        map_sixteen(x[16 * block : 16 * (block + 1)], rows, columns)
