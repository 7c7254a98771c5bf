"""Audiences: what is said to a person, as it is said to a group and of a channel.

A group has topics, saved papers and a clock of its own, which are nobody's alone. Handlers and
renderers know one wording, the person's; `bot.i18n` looks it up here where others read it.
"""

from collections.abc import Mapping

Wording = Mapping[str, tuple[str, str]]
"""The person's sentence, its singular where there are two, and what is said instead."""


class _Catalogue:
    """Marks messages for the catalogues."""

    def __call__(self, message: str) -> tuple[str, str]:
        return message, message

    def plural(self, singular: str, plural: str) -> tuple[str, str]:
        return singular, plural


_ = _Catalogue()

TO_A_GROUP: Wording = {
    "<b>What do you want to follow?</b>": _("<b>What should this group follow?</b>"),
    "<b>You follow {n} topic</b>": _.plural(
        "<b>This group follows {n} topic</b>", "<b>This group follows {n} topics</b>"
    ),
    "<b>Your week</b>": _("<b>This group's week</b>"),
    "I'm already working on your digest.": _("I'm already working on this group's digest."),
    (
        "I don't know what “{words}” means here. Name a topic of yours, days, a date "
        "or a language, in any order: {example}"
    ): _(
        "I don't know what “{words}” means here. Name a topic of this group, days, a "
        "date or a language, in any order: {example}"
    ),
    "New papers come at {time}. <b>What time is it where you are?</b>": _(
        "New papers come at {time}. <b>Which time zone is this group in?</b>"
    ),
    "No papers on your topics yet. New ones will come.": _(
        "No papers on this group's topics yet. New ones will come."
    ),
    "Nothing for you: none of the latest papers is on your topics.": _(
        "Nothing for this group: none of the latest papers is on its topics."
    ),
    (
        "Nothing new: arXiv announces from Sunday to Thursday, 20:00 US Eastern. That"
        " is next on {when} your time."
    ): _(
        "Nothing new: arXiv announces from Sunday to Thursday, 20:00 US Eastern. That"
        " is next on {when} by this group's clock."
    ),
    ("On which evening shall I look back at your week? /week shows it at any time."): _(
        "On which evening shall I look back at this group's week? /week shows it at any time."
    ),
    (
        "Show me some, and what is close to them comes first, from the first day on. That saves"
        " nothing, and nobody else sees it."
    ): _(
        "Show me some, and what is close to them comes first, from the first day on. That saves"
        " nothing."
    ),
    "Removed from your saved papers. Tap Save to undo.": _(
        "Removed from this group's saved papers. Tap Save to undo."
    ),
    "Noted. It counts once you choose the personal order in /settings.": _(
        "Noted. It counts once this group's order is personal: /settings"
    ),
    "Your note on <b>{title}</b>?": _("This group's note on <b>{title}</b>?"),
    "Send {dash} to delete your note.": _("Send {dash} to delete this group's note."),
    "Tap one to see what it brings. You can follow it from there.": _(
        "Tap one to see what it brings. This group can follow it from there."
    ),
    (
        "Tell me what you work on, and every morning I bring you the new arXiv papers"
        " on it, with the abstract in your language."
    ): _(
        "Tell me what this group works on, and every morning I bring it the new arXiv"
        " papers on that, with the abstract in its language."
    ),
    "Tap a topic, or write what you work on after the command, for example:": _(
        "Tap a topic, or write what this group works on after the command, for example:"
    ),
    "What is your field?": _("What is this group's field?"),
    "What time is it where you are?": _("Which time zone is this group in?"),
    "When should papers come? Your time zone: {zone}": _(
        "When should papers come? This group's time zone: {zone}"
    ),
    "Which city or country are you in?": _("Which city or country is this group in?"),
    "🌍 Your time zone is now {zone}.": _("🌍 This group's time zone is now {zone}."),
    "Which language do you read abstracts in?": _(
        "Which language does this group read abstracts in?"
    ),
    "Which language should I speak?": _("Which language should I speak to this group?"),
    "On which days should papers come?": _("On which days should papers come to this group?"),
    "Which topic do you want to stop following?": _(
        "Which topic should this group stop following?"
    ),
    "Which author do you want to follow?": _("Which author should this group follow?"),
    "You don't follow anything yet.": _("This group doesn't follow anything yet."),
    "You don't follow this topic any more.": _("This group doesn't follow this topic any more."),
    "You follow nothing called “{label}”.": _("This group follows nothing called “{label}”."),
    "You follow this already.": _("This group follows this already."),
    "You get {cap} at a time.": _("This group gets {cap} at a time."),
    "You have it all: {n} paper came in the last 24 hours.": _.plural(
        "This group has it all: {n} paper came in the last 24 hours.",
        "This group has it all: {n} papers came in the last 24 hours.",
    ),
    "You no longer follow <b>{label}</b>.": _("This group no longer follows <b>{label}</b>."),
    "You're up to date. /latest shows the newest papers again.": _(
        "This group is up to date. /latest shows the newest papers again."
    ),
    "{n} new paper, {mine} on your topics": _.plural(
        "{n} new paper, {mine} on this group's topics",
        "{n} new papers, {mine} on this group's topics",
    ),
    "{n} paper from this week is ready for you.": _.plural(
        "{n} paper from this week is ready for this group.",
        "{n} papers from this week are ready for this group.",
    ),
    "‹ My topics": _("‹ This group's topics"),
    "📚 My topics": _("📚 This group's topics"),
    "⏸ Paused. Nothing is sent until you resume in /settings.": _(
        "⏸ This group is paused. Nothing is sent until its admins resume in /settings."
    ),
    "⏸ Paused. Nothing is sent until you resume.": _(
        "⏸ This group is paused. Nothing is sent until its admins resume."
    ),
    "⏸ Paused. I'll hold new papers for up to 30 days.": _(
        "⏸ This group is paused. New papers are held for up to 30 days."
    ),
    "✅ You now follow <b>{label}</b>.": _("✅ This group now follows <b>{label}</b>."),
    "✓ You follow this": _("✓ This group follows this"),
    "⭐ You saved {n} paper: /saved": _.plural(
        "⭐ This group saved {n} paper: /saved", "⭐ This group saved {n} papers: /saved"
    ),
    "👋 Every morning I bring you the new arXiv papers on this topic:": _(
        "👋 Every morning I bring this group the new arXiv papers on this topic:"
    ),
    "This link no longer works. Here is what you can follow:": _(
        "This link no longer works. Here is what this group can follow:"
    ),
    "<b>Which of these would you read?</b>": _("<b>Which of these would this group read?</b>"),
    "💡 Because you saved “{title}”": _("💡 Because this group saved “{title}”"),
    "📈 Your week": _("📈 This group's week"),
    "🔖 News of papers that you saved:": _("🔖 News of papers that this group saved:"),
    "<b>Personal</b>: I learn from what you save and from “Less like this”.": _(
        "<b>Personal</b>: I learn from what this group saves and from “Less like this”."
    ),
    (
        "arXiv isn't answering right now, so there are no examples. You can follow "
        "the topic anyway; papers come once arXiv answers."
    ): _(
        "arXiv isn't answering right now, so there are no examples. This group can "
        "follow the topic anyway; papers come once arXiv answers."
    ),
    "/topics – what you follow": _("/topics – what this group follows"),
    "/saved – your saved papers": _("/saved – this group's saved papers"),
    "/week – papers on your topics, rising words, news of saved papers": _(
        "/week – papers on this group's topics, rising words, news of saved papers"
    ),
    "/stop, /forget – pause everything; delete my data": _(
        "/stop, /forget – pause everything; delete this group's data"
    ),
    "What you follow": _("What this group follows"),
    "Your saved papers": _("This group's saved papers"),
    "Your week: counts, rising words, news of saved papers": _(
        "This group's week: counts, rising words, news of saved papers"
    ),
    "Delete all my data": _("Delete all data of this group"),
    "{example} – your city or time zone": _("{example} – this group's city or time zone"),
    "your week": _("this group's week"),
}
"""Said in groups."""

OF_A_CHANNEL: Wording = {
    "<b>What do you want to follow?</b>": _("<b>What should this channel follow?</b>"),
    "<b>You follow {n} topic</b>": _.plural(
        "<b>This channel follows {n} topic</b>", "<b>This channel follows {n} topics</b>"
    ),
    "<b>Your week</b>": _("<b>This channel's week</b>"),
    "I'm already working on your digest.": _("I'm already working on this channel's digest."),
    (
        "I don't know what “{words}” means here. Name a topic of yours, days, a date "
        "or a language, in any order: {example}"
    ): _(
        "I don't know what “{words}” means here. Name a topic of this channel, days, "
        "a date or a language, in any order: {example}"
    ),
    "New papers come at {time}. <b>What time is it where you are?</b>": _(
        "New papers come at {time}. <b>Which time zone is this channel in?</b>"
    ),
    "No papers on your topics yet. New ones will come.": _(
        "No papers on this channel's topics yet. New ones will come."
    ),
    "Nothing for you: none of the latest papers is on your topics.": _(
        "Nothing for this channel: none of the latest papers is on its topics."
    ),
    (
        "Nothing new: arXiv announces from Sunday to Thursday, 20:00 US Eastern. That"
        " is next on {when} your time."
    ): _(
        "Nothing new: arXiv announces from Sunday to Thursday, 20:00 US Eastern. That"
        " is next on {when} by this channel's clock."
    ),
    ("On which evening shall I look back at your week? /week shows it at any time."): _(
        "On which evening shall I look back at this channel's week? /week shows it at any time."
    ),
    "Tap one to see what it brings. You can follow it from there.": _(
        "Tap one to see what it brings. This channel can follow it from there."
    ),
    "Tap a topic, or tell me what you work on, for example:": _(
        "Tap a topic, or tell me what this channel is about, for example:"
    ),
    "What is your field?": _("What is this channel's field?"),
    "What time is it where you are?": _("Which time zone is this channel in?"),
    "When should papers come? Your time zone: {zone}": _(
        "When should papers come? This channel's time zone: {zone}"
    ),
    "Which city or country are you in?": _("Which city or country is this channel in?"),
    "🌍 Your time zone is now {zone}.": _("🌍 This channel's time zone is now {zone}."),
    "Which language do you read abstracts in?": _(
        "Which language does this channel read abstracts in?"
    ),
    "Which language should I speak?": _("Which language should I speak to this channel?"),
    "On which days should papers come?": _("On which days should papers come to this channel?"),
    "Which topic do you want to stop following?": _(
        "Which topic should this channel stop following?"
    ),
    "Which author do you want to follow?": _("Which author should this channel follow?"),
    "You don't follow anything yet.": _("This channel doesn't follow anything yet."),
    "You don't follow this topic any more.": _("This channel doesn't follow this topic any more."),
    "You follow nothing called “{label}”.": _("This channel follows nothing called “{label}”."),
    "You follow this already.": _("This channel follows this already."),
    "You get {cap} at a time.": _("This channel gets {cap} at a time."),
    "You have it all: {n} paper came in the last 24 hours.": _.plural(
        "This channel has it all: {n} paper came in the last 24 hours.",
        "This channel has it all: {n} papers came in the last 24 hours.",
    ),
    (
        "Show me some, and what is close to them comes first, from the first day on. That saves"
        " nothing, and nobody else sees it."
    ): _(
        "Show me some, and what is close to them comes first, from the first day on. That saves"
        " nothing."
    ),
    "You no longer follow <b>{label}</b>.": _("This channel no longer follows <b>{label}</b>."),
    "You're up to date. /latest shows the newest papers again.": _(
        "This channel is up to date. /latest shows the newest papers again."
    ),
    "{n} new paper, {mine} on your topics": _.plural(
        "{n} new paper, {mine} on this channel's topics",
        "{n} new papers, {mine} on this channel's topics",
    ),
    "{n} paper from this week is ready for you.": _.plural(
        "{n} paper from this week is ready for this channel.",
        "{n} papers from this week are ready for this channel.",
    ),
    "<b>Which of these would you read?</b>": _("<b>Which of these would this channel read?</b>"),
    "‹ My topics": _("‹ This channel's topics"),
    "📚 My topics": _("📚 This channel's topics"),
    "⏸ Paused. Nothing is sent until you resume in /settings.": _(
        "⏸ This channel is paused. Nothing is sent until its admins resume in /settings."
    ),
    "⏸ Paused. Nothing is sent until you resume.": _(
        "⏸ This channel is paused. Nothing is sent until its admins resume."
    ),
    "✅ You now follow <b>{label}</b>.": _("✅ This channel now follows <b>{label}</b>."),
    "✓ You follow this": _("✓ This channel follows this"),
    "📈 Your week": _("📈 This channel's week"),
    "<b>Personal</b>: I learn from what you save and from “Less like this”.": _(
        "<b>Personal</b>: I learn from what this channel saves and from “Less like this”."
    ),
    (
        "arXiv isn't answering right now, so there are no examples. You can follow "
        "the topic anyway; papers come once arXiv answers."
    ): _(
        "arXiv isn't answering right now, so there are no examples. This channel can "
        "follow the topic anyway; papers come once arXiv answers."
    ),
    "{example} – your city or time zone": _("{example} – this channel's city or time zone"),
    "your week": _("this channel's week"),
}
"""Said in a channel, and in private to whoever manages it."""
