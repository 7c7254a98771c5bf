"""120 spellings of time zones: each is right or asked back, none is wrong."""

import pytest

from bot.preferences.clocks import same_clock
from bot.preferences.time_zones import look_up

SURE = """
UTC+10 = Etc/GMT-10            UTC-5 = Etc/GMT+5              GMT-3:30 = America/St_Johns
+5:30 = Asia/Kolkata           UTC +5.5 = Asia/Kolkata        UTC+05:30 = Asia/Kolkata
+0530 = Asia/Kolkata           UTC−5 = Etc/GMT+5              GMT 8 = Etc/GMT-8
-5 = Etc/GMT+5                 (UTC+08:00) = Etc/GMT-8        东八区 = Etc/GMT-8
西五区 = Etc/GMT+5              ＵＴＣ＋８ = Etc/GMT-8          utc+0 = UTC
UTC+5:45 = Asia/Kathmandu      UTC+10:30 = Australia/Lord_Howe   UTC+12:45 = Pacific/Chatham
UTC+8 Beijing = Asia/Shanghai  GMT+1 (Paris) = Europe/Paris   UTC+9 nowhere = Etc/GMT-9
Tokyo = Asia/Tokyo             Tokio = Asia/Tokyo             東京 = Asia/Tokyo
New-York = America/New_York    nueva york = America/New_York  纽约 = America/New_York
San Francisco = America/Los_Angeles   旧金山 = America/Los_Angeles   Palo Alto = America/Los_Angeles
Londres = Europe/London        伦敦 = Europe/London            London, Ontario = America/Toronto
Cambridge, UK = Europe/London  Cambridge MA = America/New_York   Portland, OR = America/Los_Angeles
Portland Maine = America/New_York     Paris, Texas = America/Chicago   Sídney = Australia/Sydney
Shenzhen = Asia/Shanghai       深圳市 = Asia/Shanghai           中国北京 = Asia/Shanghai
München = Europe/Berlin        慕尼黑 = Europe/Berlin           Göttingen = Europe/Berlin
Wien = Europe/Vienna           Zürich = Europe/Zurich         Kiev = Europe/Kyiv
Ciudad de México = America/Mexico_City   墨西哥城 = America/Mexico_City   Bogota = America/Bogota
Austria = Europe/Vienna        Alemania = Europe/Berlin       Deutschland = Europe/Berlin
日本 = Asia/Tokyo               Reino Unido = Europe/London     UK = Europe/London
India = Asia/Kolkata           印度 = Asia/Kolkata              China = Asia/Shanghai
中国 = Asia/Shanghai            台湾 = Asia/Taipei               香港 = Asia/Hong_Kong
Turkey = Europe/Istanbul       Türkiye = Europe/Istanbul      新西兰 = Pacific/Auckland
Nepal = Asia/Kathmandu         Irlanda = Europe/Dublin        🇯🇵 = Asia/Tokyo
DE = Europe/Berlin             IN = Asia/Kolkata              广东省 = Asia/Shanghai
Bavaria = Europe/Berlin        Bayern = Europe/Berlin         Cataluña = Europe/Madrid
加泰罗尼亚 = Europe/Madrid        Canarias = Atlantic/Canary      California = America/Los_Angeles
美国加州 = America/Los_Angeles    Québec = America/Toronto        Ontario = America/Toronto
New South Wales = Australia/Sydney   Queensland = Australia/Brisbane   Bali = Asia/Makassar
Scotland = Europe/London       夏威夷 = Pacific/Honolulu        Siberia, Russia = -
JST = Asia/Tokyo               MSK = Europe/Moscow            CET = Europe/Paris
Pacific Time = America/Los_Angeles   美东时间 = America/New_York   北京时间 = Asia/Shanghai
hora de Madrid = Europe/Madrid  hora del este = America/New_York
W. Europe Standard Time = Europe/Berlin
I live in Berlin = Europe/Berlin     I'm in Berlin = Europe/Berlin
We’re based in Lima = America/Lima  我在上海 = Asia/Shanghai      Europe/Berlin = Europe/Berlin
"""

ASKED = """
Australia = Australia/Sydney Australia/Perth Australia/Adelaide Australia/Brisbane
USA = America/New_York America/Chicago America/Denver America/Los_Angeles Pacific/Honolulu
美国 = America/New_York America/Los_Angeles
Estados Unidos = America/New_York America/Los_Angeles
EE. UU. = America/New_York America/Los_Angeles
🇺🇸 = America/New_York America/Los_Angeles
Canada = America/Toronto America/Vancouver
Brasil = America/Sao_Paulo America/Manaus
俄罗斯 = Europe/Moscow Asia/Vladivostok
México = America/Mexico_City America/Tijuana
España = Europe/Madrid Atlantic/Canary
Indonesia = Asia/Jakarta Asia/Makassar
Texas = America/Chicago America/Denver
新疆 = Asia/Shanghai Asia/Urumqi
Cambridge = Europe/London America/New_York
Portland = America/Los_Angeles America/New_York
Georgia = Asia/Tbilisi America/New_York
Valencia = Europe/Madrid America/Caracas
Córdoba = Europe/Madrid America/Argentina/Cordoba
Hyderabad = Asia/Kolkata Asia/Karachi
Waterloo = America/Toronto America/Chicago
CST = America/Chicago Asia/Shanghai
IST = Asia/Kolkata Asia/Jerusalem Europe/Dublin
EST = America/New_York
PST = America/Los_Angeles Asia/Manila
欧洲 = Europe/London Europe/Paris
Austrlia = Australia/Sydney
beijng = Asia/Shanghai
Lodnon = Europe/London
Buenos Airs = America/Argentina/Buenos_Aires
Kasachstan = Asia/Almaty
"""

UNKNOWN = ("hello", "nonsense", "7:30", "UTC+15", "UTC+7:10", "Etc/GMT+8", "", "🌍", "x" * 10_000)


def table(text: str) -> list[tuple[str, str]]:
    lines = [
        cell.strip() for line in text.splitlines() for cell in line.split("  ") if cell.strip()
    ]
    pairs = [tuple(part.strip() for part in line.split(" = ")) for line in lines]
    return [(pair[0], pair[1]) for pair in pairs]


def test_there_are_120_of_them() -> None:
    assert len(table(SURE)) + len(table(ASKED)) >= 120


@pytest.mark.parametrize(("words", "zone"), table(SURE))
def test_a_spelling_is_right_or_asked_back(words: str, zone: str) -> None:
    found = look_up(words).zone
    assert found is None if zone == "-" else found is not None and same_clock(found, zone), found


@pytest.mark.parametrize(("words", "zones"), table(ASKED))
def test_what_may_mean_several_clocks_or_is_misspelt_is_never_decided(
    words: str, zones: str
) -> None:
    meant = look_up(words)
    assert meant.zone is None
    offered = {offer.zone for offer in meant.offers}
    for zone in zones.split():
        assert any(same_clock(zone, one) for one in offered), (zone, offered)


@pytest.mark.parametrize("words", UNKNOWN)
def test_what_is_no_place_is_neither_set_nor_guessed(words: str) -> None:
    assert look_up(words) == type(look_up(words))()
