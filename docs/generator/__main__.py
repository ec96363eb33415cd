"""Write the generated parts of all pages."""

from docs.generator.pages import PAGES, render

for page in PAGES:
    old = page.read_text("utf-8")
    new = render(old)
    if new != old:
        page.write_text(new, "utf-8")
