"""Documents need less storage with the template of edgelift than as OpenSearch guesses their types."""

from benchmarks.storage import VARIANTS, measure
from tests.opensearch.server import Server


def test_the_template_halves_the_storage_of_documents(opensearch: Server) -> None:
    measured = measure(opensearch, 2000)
    size = {(m.corpus, m.headers): m.bytes_a_document for m in measured}
    assert len(size) == len(VARIANTS)
    # 2.2 times less with so few documents.
    for corpus in "c14", "c45":
        assert size[corpus, None] > 2 * size[corpus, "disabled"], size
    assert size["c45", "disabled"] < min(size["c45", "flat_object"], size["c45", "nested"]), size
