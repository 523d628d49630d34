"""Helpers for tests of the pages over HTTP."""

import html
import re


def form_token(page):
    """Return the token of the forms on a page."""
    return re.search(r'name="form_token" value="([0-9a-f]+)"', page.text)[1]


def text_of(page):
    """Return what can be read on a page, without tags."""
    return html.unescape(re.sub(r"<[^>]*>", " ", page.text))
