"""The client that ``peak.resources.images`` of another environment gives, driven from here.

Run as a program, it is the other end: it makes the calls that it reads, one a line, and prints what came of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module


class SdkError(Exception):
    """What a call raised there.

    Attributes:
        classes: The names of its class and of all its bases.
    """

    def __init__(self, classes, message):
        super().__init__(f"{classes[0]}: {message}")
        self.classes = classes


class SdkClient:
    """A client in a process of its own, by the SDK's session. Iterators come as lists."""

    def __init__(self, python, url, token):
        self._process = subprocess.Popen(
            [python, __file__, url, token], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __getattr__(self, name):
        return lambda **arguments: self._call(name, arguments)

    def _call(self, name, arguments):
        print(json.dumps([name, arguments], default=str), file=self._process.stdin, flush=True)
        outcome = json.loads(self._process.stdout.readline())
        if "error" in outcome:
            raise SdkError(*outcome["error"])
        return outcome["result"]

    def close(self):
        self._process.stdin.close()
        assert self._process.wait(30) == 0
        self._process.stdout.close()


def point_sdk_at(url):
    """Change the one thing that is changed in the SDK: the address that it makes of a stage."""
    import_module("peak.cli.cli")  # so that all of it is loaded
    for module in list(sys.modules.values()):
        if hasattr(module, "get_base_domain"):
            module.get_base_domain = lambda *_, **__: url


def main(url, token):
    # What is printed beside the outcomes, a progress bar say, goes where it doesn't disturb.
    outcomes = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    point_sdk_at(url)
    from peak import Session
    from peak.resources import images

    client = images.get_client(Session(token))
    for line in sys.stdin:
        name, arguments = json.loads(line)
        try:
            result = getattr(client, name)(**arguments)
            outcome = {"result": result if result is None or isinstance(result, dict) else list(result)}
        except Exception as error:  # noqa: BLE001 - it is raised at the other end
            outcome = {"error": [[base.__name__ for base in type(error).__mro__], str(error)]}
        print(json.dumps(outcome), file=outcomes, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
