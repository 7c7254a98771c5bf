"""/start: from hello to the first topic."""

from tests.house import House


async def test_a_newcomer_is_greeted_and_asked_for_a_language(house: House) -> None:
    hello = await house.say(house.ada, "/start")
    assert "Hello, I am Paperboy" in hello.text
    assert "Which language do you read abstracts in?" in hello.text
    assert "✓ English" in hello.buttons
