"""An attack path in a browser: read without help from scripts, by everyone, on a narrow screen too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import Open
from tests.browser.test_every_page import faults
from tests.ui.conftest import Estate
from tests.ui.path_building import build_path


@pytest.mark.parametrize("width", [390, 1366])
def test_a_path_is_read_from_the_internet_down_at_every_width(
    open_page: Open, estate: Estate, own_rules: Path, width: int
) -> None:
    finding = build_path(estate.source, own_rules, "a-door-with-a-name-that-is-longer-than-a-narrow-screen-is-wide")[0]
    page = open_page(f"/findings/{finding.pk}/", viewport={"width": width, "height": 844})
    tops = [box["y"] for hop in page.locator(".hops > li").all() if (box := hop.bounding_box())]
    assert len(tops) == 4
    assert tops == sorted(tops)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert faults(page) == []
