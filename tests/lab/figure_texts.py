"""Where the texts of a figure stand."""

import itertools

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text


def shown_texts(figure):
    """Text and extent of all that is written, but for ticks beyond the axes, which are not drawn."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    beyond = set()
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        low, high = sorted(axis.get_view_interval())
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            if not low <= tick.get_loc() <= high:
                beyond |= {tick.label1, tick.label2}
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text() and text not in beyond]
    return [(text.get_text(), text.get_window_extent(canvas.get_renderer())) for text in texts]


def outside(figure, shown):
    """Texts that do not lie inside the figure whole."""
    box = figure.bbox
    return [t for t, at in shown if at.x0 < box.x0 or at.y0 < box.y0 or at.x1 > box.x1 or at.y1 > box.y1]


def overlapping(shown):
    """Pairs of texts that cover each other."""
    pairs = itertools.combinations(shown, 2)
    return [(first, second) for (first, box), (second, other) in pairs if box.overlaps(other)]
