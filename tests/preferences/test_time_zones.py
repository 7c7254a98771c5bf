"""Time zones by what people call the places where they live."""

from datetime import UTC, datetime
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import catalogues
from bot.preferences.clocks import offset
from bot.preferences.place_names import is_zone
from bot.preferences.time_zones import CITIES, city_name, find_zone, look_up, zone_at
from tests.few_examples import few_examples


@pytest.mark.parametrize(
    ("words", "zone"),
    [
        ("Asia/Shanghai", "Asia/Shanghai"),
        ("asia/shanghai", "Asia/Shanghai"),
        ("Tokyo", "Asia/Tokyo"),
        ("tokio", "Asia/Tokyo"),
        (" new   york ", "America/New_York"),
        ("New-York", "America/New_York"),
        ("Toronto", "America/Toronto"),
        ("Zürich", "Europe/Zurich"),
        ("São Paulo", "America/Sao_Paulo"),
        ("München", "Europe/Berlin"),
        ("San Francisco", "America/Los_Angeles"),
        ("Japan", "Asia/Tokyo"),
        ("France", "Europe/Paris"),
        ("Germany", "Europe/Berlin"),
        ("China", "Asia/Shanghai"),
        ("北京", "Asia/Shanghai"),
        ("上海", "Asia/Shanghai"),
        ("深圳", "Asia/Shanghai"),
        ("香港", "Asia/Hong_Kong"),
        ("台北", "Asia/Taipei"),
        ("东京", "Asia/Tokyo"),
        ("旧金山", "America/Los_Angeles"),
        ("日本", "Asia/Tokyo"),
        ("新加坡", "Asia/Singapore"),
        ("加尔各答", "Asia/Kolkata"),
        ("utc", "UTC"),
        ("GMT", "UTC"),
    ],
)
def test_a_place_is_found_as_people_write_it(words: str, zone: str) -> None:
    assert find_zone(words) == zone


@pytest.mark.parametrize(
    "words",
    [
        "",
        "hello",
        "papers -1",
        "Factory",
        "nonsense",
        "7:30",
        "Etc/GMT+8",
        "../../etc/passwd",
        "x" * 10_000,
        "🌍",
    ],
)
def test_what_is_no_place_is_none(words: str) -> None:
    assert find_zone(words) is None


@few_examples
@given(st.text(max_size=80))
def test_whatever_is_written_gives_a_zone_or_none(words: str) -> None:
    found = find_zone(words)
    assert found is None or is_zone(found)


@pytest.mark.parametrize("language", catalogues())
def test_every_city_that_is_offered_is_found_by_the_name_on_its_button(language: str) -> None:
    for zone in CITIES:
        meant = look_up(city_name(zone, language))
        assert meant.zone == zone or zone in {offer.zone for offer in meant.offers}


def test_every_zone_of_a_city_is_found_by_its_own_name() -> None:
    for zone in available_timezones():
        if "/" in zone and not zone.startswith("Etc/"):
            assert find_zone(zone) == zone


def test_a_name_that_only_looks_like_a_zone_is_none() -> None:
    assert is_zone("Europe/Berlin")
    assert not is_zone("europe/berlin")
    assert not is_zone("../UTC")


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("UTC", "+0"),
        ("Asia/Shanghai", "+8"),
        ("Asia/Kolkata", "+5:30"),
        ("America/New_York", "-5"),
        ("America/St_Johns", "-3:30"),
    ],
)
def test_the_distance_from_utc_is_short(zone: str, shown: str) -> None:
    assert offset(zone, datetime(2026, 11, 24, tzinfo=UTC)) == shown


@pytest.mark.parametrize(
    ("latitude", "longitude", "zone"),
    [
        (31.23, 121.47, "Asia/Shanghai"),
        (51.5, -0.12, "Europe/London"),
        (-33.87, 151.2, "Australia/Sydney"),
        (0.0, -30.0, "Etc/GMT+2"),
        (90.0, 0.0, "Etc/GMT"),
    ],
)
def test_a_place_has_a_zone_also_at_sea(latitude: float, longitude: float, zone: str) -> None:
    assert zone_at(latitude, longitude) == zone


@given(st.floats(allow_nan=True), st.floats(allow_nan=True))
def test_whatever_a_client_sends_as_a_place_gives_a_zone(latitude: float, longitude: float) -> None:
    zone = zone_at(latitude, longitude)
    assert is_zone(zone)
    assert city_name(zone, "en")
