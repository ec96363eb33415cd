"""The table of the suites."""

from benchmarks import bench


def test_table_of_the_suites_compares_with_the_core() -> None:
    base = {"group": "lines c45", "ns_a_record_median": 1100.0, "megabytes_a_second": 1200.0}
    suites = [
        {**base, "contender": "core", "ns_a_record_min": 1000.0},
        {**base, "contender": "naive", "ns_a_record_min": 15_500.0},
    ]
    assert bench.table(suites).splitlines()[2].split() == [
        "lines",
        "c45",
        "naive",
        "15,500",
        "1,100",
        "1,200",
        "15.5",
    ]
