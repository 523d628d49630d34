"""Build a directory into an image on the local service, by the public client over a socket."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from peak.resources import images
from peak_images_cli.demo import DemoError, run

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "image"


def main() -> int:
    """Run the demo; 0 if every step succeeds."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument(
        "directory", nargs="?", type=Path, default=EXAMPLE, help="the directory to build (examples/image/)"
    )
    directory: Path = parser.parse_args().directory
    try:
        run(directory)
    except (DemoError, images.PeakImagesError) as error:
        print(f"\n✗ {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    print("\n✓ all steps succeeded; builds were simulated, nothing was pushed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
