"""The Python of another environment, in a process that stays: what the SDK imports takes more than a second to load.

Run as a program, it is the other end: it runs the code that it reads, one snippet per line, and prints the results.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout

PEAK = "import sys; from peak.cli.cli import typer_app; sys.exit(typer_app())"
"""What the SDK's script ``peak`` does."""


class Interpreter:
    """A runner of code snippets, each with its own arguments, directory and environment."""

    def __init__(self, python):
        self._process = subprocess.Popen(
            [python, "-W", "ignore", __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, code, *arguments, cwd, env):
        """Run code as ``python -c`` does; return the result."""
        task = code, list(map(str, arguments)), str(cwd), dict(env)
        print(json.dumps(task), file=self._process.stdin, flush=True)
        return subprocess.CompletedProcess(task[:2], *json.loads(self._process.stdout.readline()))

    def close(self):
        self._process.stdin.close()
        assert self._process.wait(30) == 0
        self._process.stdout.close()


def run(code, arguments, cwd, environment):
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["-c", *arguments]
    output, errors = io.StringIO(), io.StringIO()
    status = 0
    with redirect_stdout(output), redirect_stderr(errors):
        try:
            exec(code, {"__name__": "__main__"})
        except SystemExit as ended:
            status = ended.code or 0
        except BaseException:  # noqa: BLE001 - it is shown at the other end
            traceback.print_exc()
            status = 1
    return status, output.getvalue(), errors.getvalue()


def main():
    # What is printed beside the outcomes goes where it doesn't disturb.
    outcomes = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        print(json.dumps(run(*json.loads(line))), file=outcomes, flush=True)


if __name__ == "__main__":
    main()
