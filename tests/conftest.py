"""Settings that all tests share."""

import signal

from hypothesis import HealthCheck, Phase, settings

# These need what is large, and have a target that gets it and names the folder: layers and their tools
# (`make layer-test`), and OpenSearch (`make test-opensearch`).
collect_ignore = ["layer", "opensearch"]

# `nohup make test &` hands signals down as ignored, and the processes of tests that send them would wait for
# ever. A signal with a handler gets the default one in a new process, and pytest itself still ignores it.
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, lambda *_: None)

# Nothing here may depend on luck or on the clock: the examples are the same in every run, and a slow machine
# fails no test. A failing example is printed as a blob that `@reproduce_failure` takes.
settings.register_profile(
    "ci",
    derandomize=True,
    print_blob=True,
    deadline=None,
    max_examples=300,
    suppress_health_check=[HealthCheck.too_slow],
    # Not explain: it tells little of bytes and takes minutes.
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.target, Phase.shrink],
)
# For a long hunt by hand: pytest --hypothesis-profile=hunt tests/engine/test_properties.py
settings.register_profile("hunt", settings.get_profile("ci"), derandomize=False, max_examples=20_000)
settings.load_profile("ci")
