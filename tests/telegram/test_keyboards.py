"""Keyboards: their buttons are to Telegram what the library's own are."""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.telegram.keyboards import button


def test_a_button_is_written_as_the_library_writes_its_own() -> None:
    ours, theirs = button("Keep", "keep:1"), InlineKeyboardButton("Keep", callback_data="keep:1")
    assert ours.to_dict() == theirs.to_dict() == {"text": "Keep", "callback_data": "keep:1"}
    assert ours == theirs
    marked = [InlineKeyboardMarkup([[one]]).to_dict() for one in (ours, theirs)]
    assert marked[0] == marked[1]
    assert button("On", "x", chosen=True).text == "✓ On"
