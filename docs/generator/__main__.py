"""Write the generated parts of all pages, the docstrings of the stub and the picture."""

from docs.generator import architecture, stub
from docs.generator.pages import PAGES, render

for path, update in [*((page, render) for page in PAGES), (stub.STUB, stub.render)]:
    old = path.read_text("utf-8")
    new = update(old)
    if new != old:
        path.write_text(new, "utf-8")

architecture.PICTURE.write_text(architecture.render(), "utf-8")
