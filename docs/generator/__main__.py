"""Write the generated parts of all pages and the docstrings of the stub."""

from docs.generator import stub
from docs.generator.pages import PAGES, render

for path, update in [*((page, render) for page in PAGES), (stub.STUB, stub.render)]:
    old = path.read_text("utf-8")
    new = update(old)
    if new != old:
        path.write_text(new, "utf-8")
