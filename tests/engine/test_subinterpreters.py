"""`import edgelift` in a subinterpreter: refused, whichever interpreter comes first."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import edgelift

PROGRAM = """
import sys
try:
    import _testcapi
    run = _testcapi.run_in_subinterp
except ImportError:
    import _xxsubinterpreters as interpreters
    run = lambda code: interpreters.run_string(interpreters.create(isolated=False), code)

code = '''
import sys
sys.path.insert(0, sys.argv[1])
try:
    import edgelift
except ImportError as error:
    print(error)
else:
    print(edgelift.Transformer)
'''
sys.argv = ["", sys.argv[1]]
code = code.replace("sys.argv[1]", repr(sys.argv[1]))
run(code)
sys.path.insert(0, sys.argv[1])
import edgelift
try:
    edgelift.Transformer({"nonsense": 1})
except edgelift.ConfigError:
    print("main")
run(code)
"""
REFUSAL = "edgelift cannot be imported in a subinterpreter; use threads or processes\n"


def interpreters() -> list[str]:
    """Give the Pythons here that have edgelift's extension in reach: one file serves them all."""
    others = [shutil.which(f"python3.{minor}") for minor in (11, 12, 13, 14)]
    # A shim of pyenv may have no Python to start.
    runs = [
        other for other in others if other and not subprocess.run([other, "-c", ""], check=False).returncode
    ]
    return [sys.executable, *runs]


@pytest.mark.parametrize("python", interpreters())
def test_import_in_a_subinterpreter_is_refused(python: str) -> None:
    package = Path(edgelift.__file__).parents[1]
    done = subprocess.run(
        [python, "-c", PROGRAM, str(package)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == (REFUSAL + "main\n" + REFUSAL, "")
