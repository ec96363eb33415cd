"""Draws ``docs/architecture.svg``: boxes on a grid, and arrows between them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

PICTURE = Path(__file__).parents[1] / "architecture.svg"

_CELL_WIDTH, _CELL_HEIGHT = 230, 110
_BOX_WIDTH, _BOX_HEIGHT = 170, 62
_MARGIN = 20
_COLUMNS, _ROWS = 4, 4


@dataclass(frozen=True)
class _Box:
    column: float
    row: float
    lines: tuple[str, ...]
    is_edgelift: bool = False
    width: int = _BOX_WIDTH

    @property
    def x(self) -> float:
        """Center of the box."""
        return _MARGIN + _BOX_WIDTH / 2 + self.column * _CELL_WIDTH

    @property
    def y(self) -> float:
        """Center of the box."""
        return _MARGIN + _BOX_HEIGHT / 2 + self.row * _CELL_HEIGHT

    def side(self, name: str) -> tuple[float, float]:
        """Return the middle of a side, such as ``top``, or a corner, such as ``bottom-left``."""
        across = (("right" in name) - ("left" in name)) * self.width / 2
        down = (("bottom" in name) - ("top" in name)) * _BOX_HEIGHT / 2
        return self.x + across, self.y + down


@dataclass(frozen=True)
class _Arrow:
    start: str
    """Name of a box and its side."""
    end: str
    label: str = ""
    is_both_ways: bool = False


_BOXES = {
    "cloudfront": _Box(0, 1, ("CloudFront",)),
    "kinesis": _Box(1, 0, ("Kinesis Data Streams",)),
    "firehose": _Box(2, 0, ("Data Firehose",)),
    "lambda": _Box(2, 1, ("Lambda function", "edgelift.runtime"), is_edgelift=True),
    "bucket": _Box(1, 2, ("S3 bucket", "standard logs, backups")),
    "reprocess": _Box(2, 2, ("edgelift reprocess", "s3events, s3batch"), is_edgelift=True),
    "destination": _Box(3, 1, ("OpenSearch, S3",)),
    "engine": _Box(
        2, 3, ("one engine in Rust: field table → layouts → typed JSON",), is_edgelift=True, width=400
    ),
}

_ARROWS = (
    _Arrow("cloudfront top", "kinesis left", "real-time logs"),
    _Arrow("cloudfront bottom", "bucket left", "standard logs"),
    _Arrow("kinesis right", "firehose left"),
    _Arrow("firehose bottom", "lambda top", "records, documents", is_both_ways=True),
    _Arrow("firehose right", "destination top", "documents"),
    _Arrow("firehose bottom-left", "bucket top", "failed records"),
    _Arrow("bucket right", "reprocess left"),
    _Arrow("reprocess right", "destination bottom", "documents"),
    _Arrow("reprocess bottom", "engine top"),
)

_STYLE = """
  text { font: 14px system-ui, sans-serif; fill: #1f2328; text-anchor: middle; }
  .label { font-size: 12px; fill: #57606a; stroke: #ffffff; stroke-width: 5; paint-order: stroke; }
  .beside { text-anchor: start; }
  .other { fill: #f6f8fa; stroke: #8c959f; }
  .edgelift { fill: #ddf4ff; stroke: #0969da; }
  line { stroke: #57606a; stroke-width: 1.5; marker-end: url(#arrow); }
  .both { marker-start: url(#arrow); }
"""

_ARROW_HEAD = (
    '<marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8"'
    ' orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="#57606a"/></marker>'
)


def render() -> str:
    """Return the picture as SVG."""
    width = 2 * _MARGIN + (_COLUMNS - 1) * _CELL_WIDTH + _BOX_WIDTH
    height = 2 * _MARGIN + (_ROWS - 1) * _CELL_HEIGHT + _BOX_HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        "<title>CloudFront logs become documents, through Firehose and Lambda or from S3</title>",
        f"<style>{_STYLE}</style>",
        _ARROW_HEAD,
        f'<rect width="{width}" height="{height}" rx="8" fill="#ffffff"/>',
        *(part for arrow in _ARROWS for part in _arrow(arrow)),
        *(part for box in _BOXES.values() for part in _box(box)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _arrow(arrow: _Arrow) -> list[str]:
    (x1, y1), (x2, y2) = (_BOXES[name].side(side) for name, side in (arrow.start.split(), arrow.end.split()))
    marks = ' class="both"' if arrow.is_both_ways else ""
    parts = [f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"{marks}/>']
    if arrow.label:
        # The label is on the arrow, or to the right of a vertical one.
        is_vertical = x1 == x2
        kind = "label beside" if is_vertical else "label"
        x, y = (x1 + x2) / 2 + 10 * is_vertical, (y1 + y2) / 2 + 4
        parts.append(f'<text class="{kind}" x="{x:g}" y="{y:g}">{escape(arrow.label)}</text>')
    return parts


def _box(box: _Box) -> list[str]:
    left, top = box.x - box.width / 2, box.y - _BOX_HEIGHT / 2
    kind = "edgelift" if box.is_edgelift else "other"
    parts = [
        f'<rect class="{kind}" x="{left:g}" y="{top:g}" width="{box.width}" height="{_BOX_HEIGHT}" rx="6"/>'
    ]
    for place, line in enumerate(box.lines):
        y = box.y + 5 + 20 * (place - (len(box.lines) - 1) / 2)
        parts.append(f'<text x="{box.x:g}" y="{y:g}">{escape(line)}</text>')
    return parts
