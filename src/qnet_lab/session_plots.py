"""How runs of BB84 are drawn and printed: what became of the detected signals, and the errors that were seen."""

import json
import textwrap
from typing import TYPE_CHECKING

import numpy as np

from .style import finish, line_style, mark, panels

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["fates", "plot", "summarize"]

_COLUMNS = {
    "num_detected": "detected", "num_key_bits": "sifted key", "num_test_bits": "test", "leaked_bit": "told",
    "key_length_bit": "key",
}  # fmt: skip


def fates(dataset: "xr.Dataset") -> "dict[str, xr.DataArray]":
    """Return what became of all detected signals: parts that add up to them."""
    key, told = dataset["key_length_bit"], dataset["leaked_bit"]
    sifted, test, sample = (dataset[f"num_{name}_bits"] for name in ("key", "test", "sample"))
    return {
        "secret key": key,
        "lost to privacy, or given up": sifted - told - key,
        "told to correct errors": told,
        "told to know errors": test + sample,
        "bases that differ": dataset["num_detected"] - sifted - test - sample,
    }


def plot(dataset: "xr.Dataset") -> "Figure":
    """Draw where the detected signals went, and the error rates with what density matrices say."""
    figure, row = panels(2)
    _plot_fates(dataset, row[0])
    _plot_errors(dataset, row[1])
    return finish(figure, dataset, note="a simulation: whoever has its seed has the key")


def _plot_fates(dataset: "xr.Dataset", axes: "Axes") -> None:
    names, before = _names(dataset), np.zeros(dataset.sizes["eavesdropper"])
    for k, (label, values) in enumerate(fates(dataset).items()):
        share = 100 * values.values / np.maximum(1, dataset["num_detected"].values)
        axes.bar(names, share, bottom=before, width=0.6, label=label, color=line_style(k)["color"])
        before = before + share
    axes.set_ylabel("of the detected signals [%]")
    axes.set_title("what became of them")
    axes.margins(y=0.02)


def _names(dataset: "xr.Dataset") -> list[str]:
    """Return the eavesdroppers' names, in lines short enough to stand side by side."""
    return [
        textwrap.fill(str(name), max(8, 60 // dataset.sizes["eavesdropper"])) for name in dataset["eavesdropper"].values
    ]


def _plot_errors(dataset: "xr.Dataset", axes: "Axes") -> None:
    places = np.arange(dataset.sizes["eavesdropper"])
    for k, (basis, label) in enumerate(
        (("key", "errors in the key, or in its sample if given up"), ("test", "errors in the test"))
    ):
        beside = places + (0.4 * k - 0.2)
        color = ("#D55E00", "0.6")[k]
        axes.bar(beside, 100 * dataset[f"{basis}_error_rate"], width=0.36, label=label, color=color)
        predicted = 100 * dataset[f"predicted_{basis}_error_rate"]
        axes.plot(beside, predicted, "_", color="black", markersize=16, label="density matrices" if k == 0 else "_same")
    mark(axes, 100 * _limit(dataset), "limit: no key above")
    axes.set_xticks(places, _names(dataset))
    axes.set_ylabel("error rate [%]")
    axes.set_title("what was noticed")


def _limit(dataset: "xr.Dataset") -> float:
    return float(json.loads(dataset.attrs["scenario"])["session"]["max_error_rate"])


def summarize(dataset: "xr.Dataset") -> str:
    """Return a line for each run, and why there is no key."""
    head = f"{'eavesdropper':<26}" + "".join(f"{text:>12}" for text in (*_COLUMNS.values(), "errors %", "phase %"))
    lines = [head]
    for name in dataset["eavesdropper"].values:
        run = dataset.sel(eavesdropper=name)
        cells = "".join(f"{int(run[column]):>12}" for column in _COLUMNS)
        rates = "".join(f"{100 * float(run[rate]):>12.2f}" for rate in ("key_error_rate", "phase_error_rate"))
        lines.append(f"{str(name)[:25]:<26}{cells}{rates}")
    lines += [
        f"{name}: {run}"
        for name, run in zip(dataset["eavesdropper"].values, dataset["aborted"].values, strict=True)
        if run
    ]
    return "\n".join([*lines, "a simulation: whoever has its seed has the key"])
