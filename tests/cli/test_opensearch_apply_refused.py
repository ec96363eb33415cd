"""``edgelift opensearch apply``: obstacles, and the messages that say what to do about them."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.applying import CONFIG, TEMPLATE, TITLES, Apply, apply, server
from tests.cli.recording_server import Recorder, recording
from tests.opensearch.server import certificate

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

__all__ = ["apply", "server"]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((200, "<html>It works!</html>"), "as OpenSearch does: "),
        (
            (200, {"ok": True}),
            "does not answer as OpenSearch does: {'ok': True}; name the URL of OpenSearch, such as https://HOST",
        ),
        ((404, {"error": "gone"}), "it does not answer as OpenSearch does: 404"),
        ((401, {"error": "who?"}), "check --user and OPENSEARCH_PASSWORD, --client-cert or --sigv4"),
        ((200, {"version": {"number": "7.10.2"}}), "is Elasticsearch 7.10.2; edgelift needs OpenSearch"),
        (
            (200, {"version": {"number": "1.3.20", "distribution": "opensearch"}}),
            "is OpenSearch 1.3.20; edgelift needs 2.0 or later: upgrade the cluster",
        ),
    ],
)
def test_other_servers_are_named_before_anything_is_done(
    apply: Apply, server: Recorder, answer: tuple[int, Any], message: str
) -> None:
    server.answers["GET", "/"] = answer
    done = apply()
    assert (done.code, done.out) == (3, b"")
    assert message in done.err
    assert "Traceback" not in done.err
    assert server.writes == []


def test_url_with_https_of_a_server_without_tls_is_said_to_be_so(run: Run, apply: Apply) -> None:
    url = apply.server.url.replace("http://", "https://")
    done = run("opensearch", "apply", "--endpoint", url, "--config", apply.config)
    assert done.code == 3
    assert done.err.endswith(
        "; the server does not use TLS: write http:// in its URL, or name its port for TLS\n"
    )


def test_block_of_the_cluster_is_not_a_matter_of_permissions(apply: Apply, server: Recorder) -> None:
    reason = {"type": "cluster_block_exception", "reason": "blocked by: [FORBIDDEN/6/read-only]"}
    server.answers["PUT", TEMPLATE] = (403, {"error": reason})
    done = apply()
    assert done.code == 3
    assert done.err.splitlines()[0].endswith(
        "; it is read-only until somebody removes the block: is a disk full?"
    )


def test_client_certificate_that_is_none_is_said_to_be_so(run: Run, tmp_path: Path) -> None:
    pem = certificate(tmp_path, "client")
    where = ("opensearch", "apply", "--endpoint", "https://127.0.0.1:9")
    for words in (pem,), (pem, "--client-key", pem), (pem, "--client-key", tmp_path / "client.key"):
        done = run(*where, "--client-cert", *words)
        is_usable = len(words) > 1 and words[-1] != pem
        assert done.code == (3 if is_usable else 2)
        problem = "cannot reach" if is_usable else f"no client certificate with its key in {pem}"
        assert problem in done.err


def test_templates_of_others_that_cannot_be_listed_do_not_stop(apply: Apply, server: Recorder) -> None:
    denied = {"error": {"type": "security_exception", "reason": "no permissions"}}
    server.answers["GET", "/_index_template"] = (403, denied)
    done = apply()
    assert (done.code, len(done.err.splitlines())) == (0, len(TITLES))


def test_unreachable_server_is_said_to_be_so(run: Run, apply: Apply) -> None:
    done = run("opensearch", "apply", "--endpoint", "http://127.0.0.1:9", "--config", apply.config)
    assert done.code == 3
    assert "edgelift: cannot reach http://127.0.0.1:9: " in done.err
    assert "is the URL right, and may this machine connect?" in done.err


def test_refused_template_says_why_and_blames_no_other(apply: Apply, server: Recorder) -> None:
    causes = {"reason": "invalid composite mappings", "caused_by": {"reason": "Limit of total fields [1000]"}}
    error = {"type": "illegal_argument_exception", "reason": "invalid template", "caused_by": causes}
    server.answers["POST", "/_index_template/_simulate/cdn-logs"] = (400, {"error": error})
    done = apply()
    assert (done.code, server.writes) == (3, [])
    assert done.err == (
        f"edgelift: index template cdn-logs: {server.url} answers 400 illegal_argument_exception: invalid "
        "template: invalid composite mappings: Limit of total fields [1000]; correct the configuration; "
        "nothing was done\n"
    )


def test_attaching_needs_a_policy(apply: Apply, server: Recorder) -> None:
    apply.config.write_text(CONFIG.replace("retention_days = 30", ""))
    done = apply("--attach-existing")
    assert done.code == 2
    assert "--attach-existing needs a policy: set [opensearch] retention_days" in done.err
    assert server.writes == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["apply"], "--endpoint is missing, the URL of OpenSearch"),
        (["apply", "policy", "--endpoint", "http://127.0.0.1:9"], "one argument too many: policy"),
        (["apply", "--endpoint", "http://a:b@127.0.0.1:9"], "no password in the URL"),
        (["apply", "--endpoint", "http://192.0.2.1", "--user", "a"], "credentials would go over http://"),
        (["apply", "--endpoint", "https://127.0.0.1", "--client-key", "k"], "without the client certificate"),
        (["apply", "--endpoint", "https://127.0.0.1", "--client-cert", "k"], "no certificate file at k"),
        (
            ["apply", "--endpoint", "127.0.0.1:9200"],
            "https:// or http:// is missing in front of 127.0.0.1:9200",
        ),
        (["apply", "--dashboards", "localhost:5601"], "http:// is missing in front of localhost:5601"),
        (["check", "--endpoint", "ftp://localhost"], "http:// is missing in front of ftp://localhost"),
    ],
)
def test_wrong_usage_is_said_to_be_so(run: Run, words: list[str], message: str) -> None:
    done = run("opensearch", *words, env={"OPENSEARCH_PASSWORD": "x"})
    assert done.code == 2
    assert message in done.err


@pytest.mark.parametrize("verb", ["apply", "check", "dashboards", "reprocess"])
def test_untrusted_certificate_is_to_be_named(run: Run, tmp_path: Path, verb: str) -> None:
    pem = certificate(tmp_path, "server")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, pem.with_suffix(".key"))
    (tmp_path / "edgelift.toml").write_text(CONFIG)
    (tmp_path / "rows.tsv").write_text("1700000000.123\t192.0.2.7\n")
    with recording(context) as recorder:
        words = {
            "dashboards": ("opensearch", "apply", "--dashboards", recorder.url),
            "reprocess": (
                "reprocess",
                tmp_path / "rows.tsv",
                recorder.url,
                "--journal",
                tmp_path / "journal",
            ),
        }.get(verb, ("opensearch", verb, "--endpoint", recorder.url))
        done = run(*words, "--config", tmp_path / "edgelift.toml", "--insecure")
        assert (done.code, recorder.requests) == (3, [])
    warning, error = done.err.splitlines()[:2]
    assert warning.startswith(
        "edgelift: warning: --insecure has no effect with https://: it allows credentials"
    )
    assert error.endswith("; if it is self-signed or of a private CA, name it or its CA with --ca-certs FILE")


def test_insecure_has_an_effect_if_one_url_is_unencrypted(apply: Apply) -> None:
    done = apply("--insecure", "--dashboards", "https://127.0.0.1:9")
    assert done.code == 3
    assert "--insecure" not in done.err


def test_client_certificate_says_who_asks(run: Run, tmp_path: Path) -> None:
    server, client = certificate(tmp_path, "server"), certificate(tmp_path, "client")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server, server.with_suffix(".key"))
    context.load_verify_locations(client)
    context.verify_mode = ssl.CERT_REQUIRED
    (tmp_path / "edgelift.toml").write_text(CONFIG)
    with recording(context) as recorder:
        where = ("--endpoint", recorder.url, "--ca-certs", server, "--config", tmp_path / "edgelift.toml")
        done = run("opensearch", "apply", *where)
        assert (done.code, recorder.requests) == (3, [])
        assert "cannot reach" in done.err
        done = run(
            "opensearch", "apply", *where, "--client-cert", client, "--client-key", client.with_suffix(".key")
        )
        assert (done.code, done.err.count("created")) == (0, 4)
