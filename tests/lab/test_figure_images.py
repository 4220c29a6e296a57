"""The figures of ``docs/figures.md`` look as they did, and a change would be seen.

Each is drawn by the lines on the page and compared with ``baseline/``. After a change that is meant they are made anew by
``QNET_REMAKE_FIGURES=1 pytest tests/lab/test_figure_images.py``, and looked at.
"""

import inspect
import os
import shutil
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from lab.figure_texts import outside, overlapping, shown_texts
from matplotlib.image import imread
from matplotlib.testing.compare import compare_images
from page_blocks import DOCS, blocks

import qnet_lab

BASELINE = Path(__file__).parent / "baseline"
PAGE = blocks("figures.md")
SHOWN = {Path(block.image).stem: block.code for block in PAGE if block.image}
OVERVIEWS = {  # of other kinds, which have no place on the page
    "overview_chain": "figure = plot_overview(curve)",
    "overview_coexistence": 'figure = plot_overview(evaluate_scenario(load_scenario("teleportation_400g")))',
    "overview_repeater_chain": 'figure = plot_overview(evaluate_scenario(load_scenario("unequal_segments")))',
    "overview_generations": 'figure = plot_overview(evaluate_scenario(load_scenario("repeater_generations")))',
    "overview_application": 'figure = plot_overview(evaluate_scenario(load_scenario("conference_key_ions")))',
    "overview_satellite_pairs": 'figure = plot_overview(evaluate_scenario(load_scenario("micius_1200km")))',
}
DRAWN = SHOWN | OVERVIEWS
FUNCTIONS = [name for name in qnet_lab.__all__ if name.startswith("plot_")]
REMAKE = "QNET_REMAKE_FIGURES" in os.environ
BASELINE_DPI, WIDE_DPI, PAGE_DPI = 50, 36, 80
# Root mean square difference of pixels between 0 and 255. Equal versions of Matplotlib give 0; one digit in a network, the least
# of the changes below, gives 0.83.
TOLERANCE = 0.4
# Something else in each figure: another number, another sign, axes exchanged.
CHANGES = [
    ("curve", '"secret_key_rate_bit_per_s"', '"rate_hz"'),
    ("overview", '"fibre_or_satellite"', '"micius_1200km"'),
    ("frontier", "0.9, 0.95", "0.9, 0.94"),
    ("frontier", ', shade="bright_population"', ""),
    ("heat_map", "visibility=0.95", "visibility=0.94"),
    ("heat_map", 'x="length_km", y="t2_s"', 'x="t2_s", y="length_km"'),
    ("heat_map", 'y="t2_s")', 'y="t2_s", contours=0)'),
    ("state_city", "angle_rad=1.0", "angle_rad=-1.0"),
    ("state_city", "mixing=0.2", "mixing=0.22"),
    ("state_hinton", "(turned)", "(turned.apply(rotation('z', angle_rad=0.2), on=0))"),
    ("pauli_bars", "on=0", "on=1"),
    ("pauli_bars", "fidelity=0.95", "fidelity=0.93"),
    ("bell_weights", "(stored", "(stored[::-1]"),
    ("bell_weights", "(stored", "(stored.apply(depolarizing(mixing=0.03), on=0)"),
    ("waiting_times", "gate_mixing=0.01", "gate_mixing=0.012"),
    ("waiting_times", "transmissivity=0.6", "transmissivity=0.59"),
    ("chain_diagram", "length_km=25", "length_km=24"),
    ("network", '("R1", "R3", 25)', '("R1", "R3", 26)'),
    ("network", "disjoint_routes(graph", "disjoint_routes([*graph.edges][1:]"),
    ("schedules", "gate_mixing=0.005", "gate_mixing=0.006"),
    ("generations", "distance_km=1000.0", "distance_km=800.0"),
]


def drawn(code, names):
    """Run lines of the page and return the figure that they draw, if they do."""
    names.pop("ax", None)
    names.pop("figure", None)
    exec(compile(code, "figures.md", "exec"), names)
    return names["ax"].figure if "ax" in names else names.get("figure")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """What the page names, from top to bottom, its figures, and a folder with their pictures."""
    folder = tmp_path_factory.mktemp("figures")
    with mpl.rc_context({"backend": "agg"}), mpl.style.context("default"):
        names, figures = {}, {}
        pages = [(Path(block.image).stem, block.code) for block in PAGE]
        for name, code in [*pages, *OVERVIEWS.items()]:
            if figure := drawn(code, names):
                figures[name] = figure
                save(figure, folder / f"{name}.png", WIDE_DPI if name in OVERVIEWS else BASELINE_DPI)
        yield names, figures, folder


def save(figure, path, dpi):
    """Save a figure that was never saved before: automatic layouts go on from where the last drawing left them."""
    figure.savefig(path, dpi=dpi, metadata={"Software": None})
    plt.close(figure)


def remake(name, page):
    """Replace the baseline, and the picture on the page."""
    names, _, folder = page
    shutil.copy(folder / f"{name}.png", BASELINE)
    if name in SHOWN:
        save(drawn(SHOWN[name], dict(names)), DOCS / "figures" / f"{name}.png", PAGE_DPI)


def difference(name, folder):
    """How far a picture is from its baseline; infinite where not even the sizes agree."""
    path = folder / f"{name}.png"
    if imread(path).shape != imread(BASELINE / path.name).shape:
        return np.inf
    found = compare_images(str(BASELINE / path.name), str(path), tol=0, in_decorator=True)
    return 0.0 if found is None else found["rms"]


@pytest.mark.parametrize("name", DRAWN)
def test_the_figure_looks_as_it_did(page, name):
    if REMAKE:
        remake(name, page)
    assert difference(name, page[2]) <= TOLERANCE


@pytest.mark.parametrize(("name", "old", "new"), CHANGES)
def test_a_change_would_be_seen(page, name, old, new, tmp_path):
    assert old in SHOWN[name]
    save(drawn(SHOWN[name].replace(old, new), dict(page[0])), tmp_path / f"{name}.png", BASELINE_DPI)
    assert difference(name, tmp_path) > 2 * TOLERANCE


@pytest.mark.parametrize("name", DRAWN)
def test_texts_are_inside_and_apart(page, name):
    shown = shown_texts(page[1][name])
    assert outside(page[1][name], shown) == []
    assert overlapping(shown) == []


def test_every_plot_function_is_on_the_page():
    lines = "\n".join(SHOWN.values())
    assert [name for name in FUNCTIONS if f"{name}(" not in lines] == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_plot_functions_take_axes_and_return_them(name):
    """All but the overview, which has several and returns the figure; how they do is tested with each."""
    signature = inspect.signature(getattr(qnet_lab, name))
    if name == "plot_overview":
        assert signature.return_annotation == "Figure"
    else:
        assert signature.parameters["ax"].kind is inspect.Parameter.KEYWORD_ONLY
        assert signature.parameters["ax"].default is None
        assert signature.return_annotation == "Axes"


def test_files_are_small_and_none_is_left_over():
    small = {path.stem: path.stat().st_size for path in BASELINE.iterdir()}
    assert set(small) == set(DRAWN)
    assert max(small.values()) < 40_000
    assert all((DOCS / "figures" / f"{name}.png").stat().st_size < 80_000 for name in SHOWN)
