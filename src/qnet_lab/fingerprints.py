"""Is it the same function as before? A digest of its code and of the values it uses."""

import functools
import hashlib
import pickle
from collections.abc import Iterator
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

__all__ = ["fingerprint", "full_name_of", "name_of"]


def name_of(function: Any) -> str:
    """Return what to call a function, without the arguments that are bound to it."""
    return _qualified(function)[1].rpartition("<locals>.")[2]


def full_name_of(function: Any) -> str:
    """Return the name of a function with that of its module."""
    return ".".join(_qualified(function))


def _qualified(function: Any) -> tuple[str, str]:
    while isinstance(function, functools.partial):
        function = function.func
    named = function if hasattr(function, "__qualname__") else type(function)
    return str(named.__module__), str(named.__qualname__)


def fingerprint(function: Any) -> str:
    """Return a digest that changes with the function's code, defaults, bound arguments, and the names it uses in its module.

    What other modules contain is not looked at.
    """
    digest = hashlib.sha256()
    for part in _parts(function, "", set()):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _parts(value: Any, home: str, seen: set[int]) -> Iterator[bytes]:
    """Yield bytes that tell a value; functions of the module ``home`` by their code, those of others by name."""
    if isinstance(value, functools.partial):
        yield from _all_parts([value.func, *value.args, *sorted(value.keywords.items())], home, seen)
    elif isinstance(value, MethodType):
        yield from _all_parts([value.__func__, value.__self__], home, seen)
    elif isinstance(value, tuple | list):
        yield from _all_parts(value, home, seen)
    elif isinstance(value, FunctionType) and home in ("", value.__module__):
        yield from _function_parts(value, seen)
    elif isinstance(value, ModuleType | type | FunctionType):
        yield f"{getattr(value, '__module__', '')}.{value.__name__}".encode()
    else:
        yield _pickled(value)


def _all_parts(values: Any, home: str, seen: set[int]) -> Iterator[bytes]:
    yield str(len(values)).encode()
    for value in values:
        yield from _parts(value, home, seen)


def _function_parts(function: FunctionType, seen: set[int]) -> Iterator[bytes]:
    """Yield a function's code, defaults, captured values and the globals that it names; once where it calls itself."""
    yield f"{function.__module__}.{function.__qualname__}".encode()
    if id(function) in seen:
        return
    seen.add(id(function))
    yield from _code_parts(function.__code__)
    captured = [_content(cell) for cell in function.__closure__ or ()]
    used = [function.__globals__[name] for name in _names(function.__code__) if name in function.__globals__]
    defaults = [function.__defaults__, sorted((function.__kwdefaults__ or {}).items())]
    yield from _all_parts([*defaults, *captured, *used], function.__module__, seen)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return None


def _code_parts(code: CodeType) -> Iterator[bytes]:
    """Yield what code does, but not where it stands."""
    yield code.co_code
    yield repr((code.co_names, code.co_varnames, code.co_freevars, code.co_argcount, code.co_kwonlyargcount)).encode()
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code_parts(constant)
        else:
            yield repr(sorted(map(repr, constant)) if isinstance(constant, frozenset) else constant).encode()


def _names(code: CodeType) -> list[str]:
    """Return the names that code and the functions in it look up, each once."""
    inner = [name for constant in code.co_consts if isinstance(constant, CodeType) for name in _names(constant)]
    return list(dict.fromkeys([*code.co_names, *inner]))


def _pickled(value: Any) -> bytes:
    """Return a value's bytes, and only its type where it has none."""
    try:
        return pickle.dumps(value, protocol=5)
    except Exception:
        return repr(type(value)).encode()
