"""Take the pictures of the documentation with Chromium: ``python scripts/docs_pictures.py``.

They show the first page of the local service with its sample data, light and dark.
"""

from __future__ import annotations

import base64
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from peak_images_local import LocalService  # noqa: E402
from tests.local.browser import Browser  # noqa: E402

SIZE = {"width": 1100, "height": 640}
PICTURES = {"local-pages.png": False, "local-pages-dark.png": True}


def main() -> None:
    """Write the pictures into ``docs/assets``."""
    with tempfile.TemporaryDirectory() as profile, LocalService(seed=1) as service:
        service.load_sample()
        browser = Browser(profile)
        for name, is_dark in PICTURES.items():
            page = browser.page(width=SIZE["width"], dark=is_dark)
            page.goto(service.url)
            data = page.call("Page.captureScreenshot", clip={"x": 0, "y": 0, "scale": 1, **SIZE})["data"]
            (ROOT / "docs" / "assets" / name).write_bytes(base64.b64decode(data))
        browser.close()


if __name__ == "__main__":
    main()
