"""The Python that pages of ``docs`` show, for tests that run it."""

import re
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).parents[1] / "docs"
_PARTS = re.compile(
    r"^## (?P<heading>[^\n]+)$|^```python\n(?P<code>.*?)^```$|^!\[[^\n]+?\]\((?P<image>\S+)\)$", re.M | re.S
)


class Block(NamedTuple):
    """Lines of Python, under which heading they stand, and the picture that follows them."""

    heading: str
    code: str
    image: str


def blocks(page):
    """Return the blocks of a page in their order."""
    found, heading = [], ""
    for part in _PARTS.finditer((DOCS / page).read_text(encoding="utf-8")):
        if part["heading"]:
            heading = part["heading"]
        elif part["code"]:
            found.append(Block(heading, part["code"], ""))
        else:
            found[-1] = found[-1]._replace(image=part["image"])
    return found


def run(page, wanted, names=None):
    """Run the blocks under some headings, in the page's order, and return what they have named."""
    names = {} if names is None else names
    for block in blocks(page):
        if block.heading in wanted:
            exec(compile(block.code, f"{page}: {block.heading}", "exec"), names)
    return names
