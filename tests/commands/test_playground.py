"""`paperboy playground`, and `paperboy run` where there is no token."""

import socket

from tornado.httpclient import AsyncHTTPClient

from tests.commands.paperboy import Paperboy


async def test_without_a_token_the_playground_s_page_answers_where_it_says(
    paperboy: Paperboy,
) -> None:
    # What is set for the real bot is not for the people of the playground.
    running = await paperboy.start("run", TELEGRAM_BOT_TOKEN=None, ALLOWED_CHATS="5")
    url = (await running.says(r"Paperboy's playground: (http://127\.0\.0\.1:\d+)"))[1]
    await running.says("Paperboy is running")
    client = AsyncHTTPClient(force_instance=True)
    page = await client.fetch(url)
    client.close()
    assert b"<title>" in page.body
    assert len(list((paperboy.folder / "tmp").iterdir())) == 1
    ended = await running.end()
    assert ended.code == 0
    assert "Traceback" not in ended.err
    assert list((paperboy.folder / "tmp").iterdir()) == []
    assert not paperboy.database.exists()


async def test_a_port_that_is_taken_is_one_line(paperboy: Paperboy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = await paperboy("playground", "--port", str(port))
    assert ended.complaints == [
        f"port {port} is taken by another program; --port 0 finds a free one"
    ]
    assert (ended.code, ended.out) == (1, "")


async def test_feeds_that_are_not_there_are_one_line(paperboy: Paperboy) -> None:
    ended = await paperboy("playground", "--port", "0", "--feeds", "data")
    (line,) = ended.complaints
    assert "--feeds: data is no folder with recorded Atom files" in line
    assert (ended.code, ended.out) == (1, "")
