"""Sentences of a source and of its translation: counted, missing, doubled, cut."""

import pytest

from bot.translation.checks import denials, sentences
from bot.translation.checks.language_profile import is_in_another_language

SOURCE = (
    "We build a robot that walks on sand. It has six legs and a camera, e.g. for stones. It does "
    "not fall, and it never needs a map. All tests were done in the desert."
)
SPANISH = (
    "Construimos un robot que camina sobre la arena.",
    "Tiene seis patas y una cámara, p. ej. para piedras.",
    "No se cae y nunca necesita un mapa.",
    "Todas las pruebas se hicieron en el desierto.",
)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (SOURCE, 4),
        ("我们造了机器人。它有六条腿！真的吗？是的。", 4),
        ("Done by A. B. Smith et al. in 2.5 s.", 1),
        ("यह एक है। यह दो है।", 2),
        ("", 0),
    ],
)
def test_sentences_are_counted_in_any_script(text: str, count: int) -> None:
    assert len(sentences.split(text)) == count


@pytest.mark.parametrize(
    ("kept", "missing"),
    [((0, 1, 2, 3), False), ((0, 1), True), ((0, 3), True), ((3, 0, 1, 2), False)],
)
def test_two_sentences_fewer_are_missing(kept: tuple[int, ...], missing: bool) -> None:  # noqa: FBT001 - a row of a table
    translated = " ".join(SPANISH[place] for place in kept)
    assert sentences.are_missing(SOURCE, translated, language="es") is missing


def test_two_that_became_one_are_there() -> None:
    translated = f"{SPANISH[0][:-1]}, y {SPANISH[1]} {SPANISH[2]} {SPANISH[3]}"
    assert not sentences.are_missing(SOURCE, translated, language="es")


def test_a_text_that_ends_in_the_middle_is_cut() -> None:
    assert sentences.are_missing(SOURCE, " ".join(SPANISH)[:-12], language="es")


def test_a_sentence_or_a_clause_that_stands_twice_is_a_repetition() -> None:
    assert sentences.are_repeated(SOURCE, " ".join([*SPANISH, SPANISH[1]]))
    assert sentences.are_repeated(SOURCE, "No necesita un mapa, no necesita un mapa y anda.")
    assert not sentences.are_repeated(SOURCE, " ".join(SPANISH))


def test_a_text_that_denies_twice_does_not_come_to_deny_nothing() -> None:
    affirmed = "Se cae y siempre necesita un mapa."
    assert denials.are_lost(SOURCE, affirmed, language="es")
    assert not denials.are_lost(SOURCE, " ".join(SPANISH), language="es")


@pytest.mark.parametrize(
    ("language", "text", "another"),
    [
        ("es", "Apresentamos um método que não precisa de rótulos e foi treinado com dados", True),
        ("es", "Presentamos un método que no necesita etiquetas y se entrenó con datos", False),
        ("ru", "Він не потребує міток і ніколи не навчався на справжніх даних, як інші", True),
        ("ru", ("Он не требует меток и никогда не обучалс"
         "я на настоящих данных, как и другие"), False),
        ("de", ("Nous présentons une méthode qui est plus"
         " rapide que les autres et la meilleure"), True),
        ("uk", ("Он не требует меток и не обучался на нас"
         "тоящих данных, как это было с другими"), True),
        ("ms", ("Kami membentangkan kaedah yang lebih pan"
         "tas daripada yang lain untuk data ini"), False),
    ],
)  # fmt: skip
def test_stop_words_tell_languages_of_one_script(language: str, text: str, another: bool) -> None:  # noqa: FBT001 - a row of a table
    assert is_in_another_language(text, language) is another
