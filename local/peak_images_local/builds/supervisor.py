"""Run a command for as long as standard input is open, and kill it with all its children when that closes.

It is started by its path, as a separate process: the pipe closes when the service ends, even if it is killed, so that
no build outlives the service. It imports nothing of the package.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading


def kill_all(process: "subprocess.Popen[bytes]") -> None:
    """Kill the command and what it has started and left in its process group."""
    if os.name == "nt":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def main(command: list[str]) -> int:
    """Run the command and return its exit status."""
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)
    except OSError as error:
        sys.stdout.write(f"ERROR: {command[0]} can't be started: {error.strerror or error}\n")
        return 127

    def watch() -> None:
        # Unbuffered, since a thread that holds a buffer's lock would block the interpreter's shutdown.
        while os.read(0, 4096):
            pass
        kill_all(process)

    threading.Thread(target=watch, daemon=True).start()
    status = process.wait()
    kill_all(process)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
