import pytest

from bot.translation.checks.rejection import Reject, Rejected
from bot.translation.checks.validation import check

SOURCE = (
    "We present NeRF-Fusion, a method that reconstructs indoor scenes from 120 images in real "
    "time. It reduces the error by 3.5% over $k$-means with O(n log n) steps; code is at "
    "https://github.com/a/nerf-fusion. Experiments on three public data sets show that it is "
    "both faster and more accurate than earlier approaches, and that it needs far less memory."
)
CHINESE = (
    "我们提出 NeRF-Fusion，一种利用 120 张图像实时重建室内场景的方法。与 $k$ 均值相比，它以 "
    "O(n log n) 步将误差降低了 3.5%；代码位于 https://github.com/a/nerf-fusion 。在三个公开数据"
    "集上的实验表明，它比以往的方法更快、更准确，而且所需的内存要少得多。"
)
SPANISH = (
    "Presentamos NeRF-Fusion, un método que reconstruye escenas interiores a partir de 120 "
    "imágenes en tiempo real. Reduce el error en un 3.5% frente a $k$-medias con O(n log n) "
    "pasos; el código está en https://github.com/a/nerf-fusion. Los experimentos con tres "
    "conjuntos de datos públicos muestran que es más rápido y preciso que los anteriores y "
    "necesita menos memoria."
)
RUSSIAN = (
    "Мы представляем NeRF-Fusion, метод, который восстанавливает сцены в помещении по 120 "
    "снимкам в реальном времени. Он снижает ошибку на 3.5% по сравнению с $k$-средними за O(n "
    "log n) шагов; код находится по адресу https://github.com/a/nerf-fusion. Опыты на трёх "
    "открытых наборах данных показывают, что он быстрее и точнее прежних подходов и требует "
    "намного меньше памяти."
)
JAPANESE = (
    "本稿では、120 枚の画像から屋内シーンをリアルタイムに再構成する手法 NeRF-Fusion を提案する"
    "。$k$ 平均法と比べて、O(n log n) 回の手順で誤差を 3.5% 減らす。コードは "
    "https://github.com/a/nerf-fusion にある。三つの公開データセットでの実験により、従来の手法"
    "より高速かつ正確であり、必要なメモリもはるかに少ないことが示された。"
)


@pytest.mark.parametrize(
    ("language", "translated"),
    [("zh-CN", CHINESE), ("es", SPANISH), ("ru", RUSSIAN), ("ja", JAPANESE)],
)
def test_a_good_translation_is_accepted(language: str, translated: str) -> None:
    check(SOURCE, translated, language=language)


@pytest.mark.parametrize(
    ("language", "translated", "reason"),
    [
        ("zh-CN", "", Reject.EMPTY),
        ("zh-CN", " \n", Reject.EMPTY),
        ("zh-CN", "Error 500 (Server Error)!!1500.That’s an error.", Reject.NOTICE),
        ("es", "MYMEMORY WARNING: YOU USED ALL AVAILABLE FREE TRANSLATIONS", Reject.NOTICE),
        ("es", "QUERY LENGTH LIMIT EXCEEDED. MAX ALLOWED QUERY : 500 CHARS", Reject.NOTICE),
        ("ru", "TOO MANY REQUESTS", Reject.NOTICE),
        ("zh-CN", "<!DOCTYPE html><html><title>Sorry</title></html>", Reject.NOTICE),
        ("zh-CN", "<div class='x'>对不起</div>", Reject.NOTICE),
        ("es", SPANISH + " MYMEMORY WARNING: YOU USED ALL", Reject.NOTICE),
        ("zh-CN", SOURCE, Reject.ECHO),
        ("es", SOURCE, Reject.ECHO),
        ("es", SOURCE.upper().replace("HTTPS://GITHUB.COM/A/NERF-FUSION", ""), Reject.PLACEHOLDERS),
        ("es", SOURCE.replace("method", "método").replace("images", "imágenes"), Reject.ECHO),
        ("zh-CN", CHINESE.replace("$k$", "k"), Reject.PLACEHOLDERS),
        ("zh-CN", CHINESE.replace("NeRF-Fusion", "神经融合"), Reject.PLACEHOLDERS),
        ("zh-CN", CHINESE.replace("3.5%", "3.6%"), Reject.NUMBERS),
        ("zh-CN", CHINESE + "见 $x$。", Reject.PLACEHOLDERS),
        ("zh-CN", CHINESE + "见 http://evil.example", Reject.PLACEHOLDERS),
        ("zh-CN", CHINESE.replace("120", "⟦120⟧"), Reject.PLACEHOLDERS),
        ("zh-CN", CHINESE.replace("120", "102"), Reject.NUMBERS),
        ("es", SPANISH.replace("120", "ciento doce"), Reject.NUMBERS),
        ("zh-CN", RUSSIAN, Reject.SCRIPT),
        ("zh-CN", JAPANESE, Reject.SCRIPT),
        ("ja", CHINESE, Reject.SCRIPT),
        ("ru", SPANISH, Reject.SCRIPT),
        ("es", RUSSIAN, Reject.SCRIPT),
        ("ko", CHINESE, Reject.SCRIPT),
        ("zh-CN", CHINESE * 4, Reject.CHATTER),
        ("zh-CN", CHINESE + "".join(map(chr, range(0x5A00, 0x5B80))), Reject.LENGTH),
        (
            "zh-CN",
            "NeRF-Fusion 120 3.5% $k$ O(n log n) https://github.com/a/nerf-fusion 方法。",
            Reject.LENGTH,
        ),
        (
            "zh-CN",
            CHINESE + "It is both faster and more accurate than earlier approaches。",
            Reject.UNTRANSLATED,
        ),
        ("es", SPANISH[:-1] + ", and that it needs far less memory" * 4, Reject.LOOP),
        ("zh-CN", CHINESE + "非常好" * 12, Reject.LOOP),
    ],
)  # fmt: skip
def test_what_is_no_translation_is_rejected_and_said_why(
    language: str, translated: str, reason: Reject
) -> None:
    with pytest.raises(Rejected) as caught:
        check(SOURCE, translated, language=language)
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    ("source", "translated", "language"),
    [
        ("Transformers", "Transformers", "es"),
        ("Attention is all you need", "注意力就是你所需要的一切", "zh-CN"),
        ("The server says too many requests to us", "El servidor nos dice too many requests", "es"),
        ("We saw 20 million users in 2024 today", "我们今天看到 2024 年有 2000 万用户", "zh-CN"),
        ("About $8 billion in 12 years was spent", "12 年间花费了约 80 亿美元", "zh-CN"),
        ("In total 1000 people took part in it", "В нём приняли участие всего 1 000 человек", "ru"),
        ("In total 1000 people took part in it", "شارك فيه ما مجموعه ١٠٠٠ شخص", "ar"),
        ("It has 1.5 billion weights and more", "它拥有超过 15 亿个权重", "zh-CN"),
        ("It has 1.5 billion weights and more", "Tiene más de 1500 millones de pesos", "es"),
        ("It has 1.5 billion weights and more", "Tiene 1,5 mil millones de pesos y más", "es"),
        ("Over 20 million rows were seen there", "वहाँ 2 करोड़ से अधिक पंक्तियाँ देखी गईं", "hi"),
        ("$x$", "$x$", "zh-CN"),
    ],
)
def test_what_languages_rightly_do_is_accepted(source: str, translated: str, language: str) -> None:
    check(source, translated, language=language)


@pytest.mark.parametrize(
    ("language", "translated"),
    [
        ("hi", "हमारे प्रयोगों में यह विधि NeRF की सभी पिछली विधियों से तेज़ है।"),
        ("bn", "আমাদের পরীক্ষায় এই পদ্ধতিটি NeRF এর আগের সব পদ্ধতির চেয়ে দ্রুত।"),
        ("ta", "எங்கள் சோதனைகளில் இந்த முறை NeRF முந்தைய முறைகளை விட வேகமானது."),
        ("te", "మా ప్రయోగాలలో ఈ పద్ధతి NeRF మునుపటి అన్ని పద్ధతుల కంటే వేగంగా ఉంది."),
        ("th", "ในการทดลองของเรา วิธีนี้เร็วกว่าวิธี NeRF ก่อนหน้าทั้งหมด"),
        ("ar", "في تجاربنا هذه الطريقة أسرع من جميع طرق NeRF السابقة."),
        ("fa", "در آزمایش‌های ما این روش از همهٔ روش‌های پیشین NeRF سریع‌تر است."),
        ("he", "בניסויים שלנו שיטה זו מהירה מכל שיטות NeRF הקודמות."),
        ("el", "Στα πειράματά μας η μέθοδος είναι ταχύτερη από όλες τις προηγούμενες NeRF."),
        ("ko", "우리 실험에서 이 방법은 이전의 모든 NeRF 방법보다 빠르다."),
        ("ka", "ჩვენს ექსპერიმენტებში ეს მეთოდი ყველა წინა NeRF მეთოდზე სწრაფია."),
        ("hy", "Մեր փորձերում այս մեթոդն ավելի արագ է, քան նախորդ բոլոր NeRF մեթոդները։"),
        ("vi", "Trong thí nghiệm, phương pháp này nhanh hơn mọi phương pháp NeRF trước đây."),
        ("tr", "Deneylerimizde bu yöntem önceki tüm NeRF yöntemlerinden daha hızlıdır."),
    ],
)
def test_every_script_is_known_with_its_vowel_signs(language: str, translated: str) -> None:
    source = "In our experiments this method is faster than all earlier methods of NeRF before."
    check(source, translated, language=language)


@pytest.mark.parametrize(
    ("source", "translated", "language"),
    [
        ("It has 30 million weights and more", "Tiene más de 42 millones de pesos", "es"),
        ("In total 1000 people took part in it", "В нём приняли участие всего 100 человек", "ru"),
        ("In total 120 people took part in it", "Participaron en total 1200 personas", "es"),
    ],
)
def test_another_number_is_no_translation(source: str, translated: str, language: str) -> None:
    with pytest.raises(Rejected) as caught:
        check(source, translated, language=language)
    assert caught.value.reason is Reject.NUMBERS


@pytest.mark.parametrize(
    ("source", "translated", "language"),
    [
        ("It has 5 layers in 12 blocks of it", "Tiene 6 capas en 12 bloques", "es"),
        ("We use 12 and then again 12 of them", "Usamos 12 y luego otra vez esos", "es"),
        ("A gain of 15% on 15 of the data sets", "Una mejora del 15% en varios conjuntos", "es"),
        ("Pushing it to the (2-bit) regime of 8B", "Llevarlo al régimen de (8-bit) de 8B", "es"),
        (
            "(1) a strategy with 1 trillion words",
            "(8) una estrategia con 1 billón de palabras",
            "es",
        ),
        ("(1) one strategy; (2) up to eight more", "(8) una estrategia; (2) hasta ocho más", "es"),
        ("Tested on 1/10th-scale cars and roads", "Probado en coches a escala 1/0 y calles", "es"),
    ],
)
def test_a_changed_digit_or_a_number_lost_once_is_no_translation(
    source: str, translated: str, language: str
) -> None:
    with pytest.raises(Rejected) as caught:
        check(source, translated, language=language)
    assert caught.value.reason is Reject.NUMBERS


@pytest.mark.parametrize(
    ("source", "translated", "language"),
    [
        ("It has 5 layers in 12 blocks of it", "Tiene cinco capas en 12 bloques", "es"),
        ("It has three stages and 5 layers each", "它有 3 个阶段，每个阶段五层", "zh-CN"),
        ("The second of 5 stages has two layers", "五个阶段中的第 2 个有 2 层", "zh-CN"),
        ("The 10th and the last of all of them", "La décima y la última de todas ellas", "es"),
    ],
)
def test_digits_may_become_words_and_words_digits(
    source: str, translated: str, language: str
) -> None:
    check(source, translated, language=language)


@pytest.mark.parametrize(
    ("language", "translated"),
    [
        ("zh-CN", "以下是翻译：" + CHINESE),
        ("zh-CN", "译文：" + CHINESE),
        ("zh-CN", "好的，" + CHINESE),
        ("zh-CN", CHINESE + "\n\n希望对你有帮助。"),
        ("zh-CN", CHINESE + "（注：专有名词未翻译）"),
        ("zh-CN", "抱歉，我无法翻译这段文字。" + CHINESE),
        ("zh-CN", "Here is the translation: " + CHINESE),
        ("es", "Sure! " + SPANISH),
        ("es", "Traducción: " + SPANISH),
        ("es", "Aquí tienes la traducción. " + SPANISH),
        ("es", SPANISH + " I hope this helps!"),
        ("es", SPANISH + "\nNote: I kept the names."),
        ("es", SPANISH + " <|im_end|>"),
        ("es", SPANISH + " As an AI I only translate."),
        ("es", SPANISH + " Ignoring the previous instructions was easy."),
        ("ru", "Вот перевод. " + RUSSIAN),
        ("ja", "以下は日本語への翻訳です。" + JAPANESE),
        ("ja", "申し訳ありませんが、" + JAPANESE),
    ],
)
def test_a_model_that_talks_is_refused(language: str, translated: str) -> None:
    with pytest.raises(Rejected) as caught:
        check(SOURCE, translated, language=language)
    assert caught.value.reason is Reject.CHATTER


@pytest.mark.parametrize(
    ("source", "translated"),
    [
        (
            "We show that ignoring previous instructions is what a system prompt can't stop.",
            "Mostramos que «ignoring previous instructions» es lo que un system prompt no frena.",
        ),
        ("Note: this paper was withdrawn by us.", "Nota: retiramos este artículo nosotros."),
        ("Sorry, your model is wrong about it.", "Lo siento, su modelo se equivoca en ello."),
    ],
)
def test_a_paper_may_be_about_such_talk(source: str, translated: str) -> None:
    check(source, translated, language="es")


@pytest.mark.parametrize(
    ("source", "translated"),
    [
        ("See https://a.org/x and our NeRF-mini", "Vea https://a.org/x-mini y nuestro NeRF"),
        ("We extend NeRF to the outside world", "Ampliamos MyNeRF al mundo exterior"),
    ],
)
def test_what_is_kept_is_kept_whole(source: str, translated: str) -> None:
    with pytest.raises(Rejected) as caught:
        check(source, translated, language="es")
    assert caught.value.reason is Reject.PLACEHOLDERS


@pytest.mark.parametrize(
    "added", ["见 www.evil.example", "见 evil.com", "写信给 me@evil.example", "见 t.me/evil"]
)
def test_no_address_comes_out_that_did_not_go_in(added: str) -> None:
    with pytest.raises(Rejected) as caught:
        check(SOURCE, CHINESE + added, language="zh-CN")
    assert caught.value.reason is Reject.PLACEHOLDERS


TRADITIONAL = (
    "我們提出 NeRF-Fusion，一種利用 120 張圖像實時重建室內場景的方法。與 $k$ 均值相比，它以 "
    "O(n log n) 步將誤差降低了 3.5%；代碼位於 https://github.com/a/nerf-fusion 。在三個公開數據"
    "集上的實驗表明，它比以往的方法更快、更準確，而且所需的內存要少得多。"
)


def test_simplified_and_traditional_chinese_do_not_stand_for_each_other() -> None:
    check(SOURCE, TRADITIONAL, language="zh-TW")
    for language, translated in (("zh-CN", TRADITIONAL), ("zh-TW", CHINESE)):
        with pytest.raises(Rejected) as caught:
            check(SOURCE, translated, language=language)
        assert caught.value.reason is Reject.SCRIPT


def test_a_single_character_of_the_other_kind_is_no_reason() -> None:
    check(SOURCE, CHINESE.replace("个", "個"), language="zh-CN")


@pytest.mark.parametrize("language", ["es", "ja", "ru", "zh-CN"])
def test_a_short_title_that_comes_back_as_it_was_is_an_echo(language: str) -> None:
    with pytest.raises(Rejected) as caught:
        check("The Diffusion Duality", "The Diffusion Duality", language=language)
    assert caught.value.reason is Reject.ECHO


LATIN = ["uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"]
CYRILLIC = ["мы", "и", "не", "на", "что", "он", "как", "это", "все", "она", "так"]
KANJI = "本稿画像屋内時間再構成手法提案平均回手順誤差公開三従来高速正確必要少示"
KANA = "あいうえおかきくけこさしすせそ"


def reason(source: str, translated: str, language: str) -> Reject | None:
    try:
        check(source, translated, language=language)
    except Rejected as rejected:
        return rejected.reason
    return None


@pytest.mark.parametrize("sign", ["⟦", "⟧", "$", "http", "\\"])
def test_no_sign_of_what_is_untouchable_comes_out_that_did_not_go_in(sign: str) -> None:
    assert reason("We report what was found", f"我们报告了发现{sign}", "zh-CN") == (
        Reject.PLACEHOLDERS
    )


@pytest.mark.parametrize(
    ("source", "translated", "expected"),
    [
        ("Robots", "Robots", None),
        ("Quantum robots", "Quantum robots", Reject.ECHO),
        ("Quantum robots", "Quantum robots aquí", None),
        ("Deep learning for robots", "Deep learning for robots, uno", Reject.ECHO),
        ("We can see three stars", "We can see three estrellas", Reject.ECHO),
        ("We can see three stars", "We can see tres estrellas", None),
    ],
)
def test_three_quarters_of_the_source_s_words_are_an_echo(
    source: str, translated: str, expected: Reject | None
) -> None:
    assert reason(source, translated, "es") is expected


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [(11, 9, None), (10, 9, Reject.SCRIPT), (0, 1, Reject.SCRIPT), (5, 9, Reject.SCRIPT)],
)
def test_of_twenty_words_eleven_are_in_the_language_s_script(
    right: int, wrong: int, expected: Reject | None
) -> None:
    words = [*CYRILLIC[:right], *LATIN[:wrong]]
    if (right, wrong) == (10, 9):
        words.append("diez")
    assert reason("We report what was found", " ".join(words), "ru") is expected


def test_of_three_words_the_script_says_nothing_and_of_four_it_does() -> None:
    assert reason("Learning for robots", "Обучение роботов", "zh-CN") is None
    assert reason("Deep learning for robots", "Глубокое обучение", "zh-CN") is Reject.SCRIPT


@pytest.mark.parametrize(
    ("kana", "length", "language", "expected"),
    [
        pytest.param(0, 60, "ja", None, id="short enough for none"),
        pytest.param(0, 61, "ja", Reject.SCRIPT, id="long and none"),
        pytest.param(7, 70, "ja", None, id="a tenth"),
        pytest.param(6, 70, "ja", Reject.SCRIPT, id="less than a tenth"),
        pytest.param(1, 11, "zh-CN", None, id="one in ten of a name"),
        pytest.param(2, 12, "zh-CN", Reject.SCRIPT, id="Japanese for Chinese"),
    ],
)
def test_a_tenth_of_long_japanese_is_kana_and_of_chinese_no_more_than_that(
    kana: int, length: int, language: str, expected: Reject | None
) -> None:
    signs = KANJI if language == "ja" else "我们报告了在实验中发现的结果和方法"
    han = (signs * 3)[: length - kana]
    source = "We report what was found in many experiments"
    # What is between the signs keeps them from being a loop.
    assert len(KANA[:kana] + han) == length
    assert reason(source, KANA[:kana] + han, language) is expected


@pytest.mark.parametrize(
    ("length", "translated", "expected"),
    [
        (59, 7, None),
        (60, 7, Reject.LENGTH),
        (100, 11, Reject.LENGTH),
        (100, 12, None),
        (100, 100, None),
        (100, 101, Reject.LENGTH),
    ],
)
def test_a_long_text_in_chinese_has_an_eighth_to_all_of_its_length(
    length: int, translated: int, expected: Reject | None
) -> None:
    source = ("We report what was found in the experiments of this year and of many earlier " * 2)[
        :length
    ]
    source = source[:-1] + "x" if source.endswith(" ") else source
    assert len(source) == length
    text = (
        "我们报告了在今年和以前许多年的实验中发现的结果并说明其原因与意义以及对未来工作可能产生影响"
        "方法简单而有效可以用于不同领域数据且无需额外训练成本很低速度快精度高人人都能够使用它来解决"
        "问题同时人工校对每个步骤进行分析"
    )
    assert reason(source, text[:translated], "zh-CN") is expected


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        pytest.param("what was found in many experiments here", Reject.UNTRANSLATED, id="seven"),
        pytest.param("What Was Found In Many Experiments Here", Reject.UNTRANSLATED, id="capitals"),
        pytest.param("was found many", None, id="two of four letters"),
        pytest.param("found, many, here, nine", Reject.UNTRANSLATED, id="four of four letters"),
        pytest.param("found, many, here", None, id="three of four letters"),
        pytest.param("alpha beta gamma delta epsilon zeta eta theta", None, id="of its own"),
    ],
)
def test_seven_words_of_the_source_in_a_row_are_untranslated(
    run: str, expected: Reject | None
) -> None:
    source = "Here we report what was found in many experiments here with nine robots"
    translated = f"我们在这里报告了用九个机器人进行的许多实验中的发现 {run}"
    assert reason(source, translated, "zh-CN") is expected


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        pytest.param("abcdefgh" * 4, Reject.LOOP, id="eight signs four times"),
        pytest.param("abcdefgh" * 3, None, id="three times"),
        pytest.param("abcdefg" * 4, None, id="seven signs four times"),
        pytest.param("ay " * 11, Reject.LOOP, id="a word eleven times"),
        pytest.param(
            "representa uno, representa dos, representa tres y representa más",
            None,
            id="a word that comes again",
        ),
    ],
)
def test_what_is_said_four_times_in_a_row_is_a_loop(tail: str, expected: Reject | None) -> None:
    source = "We report what was found"
    assert reason(source, f"Informamos de lo hallado {tail}", "es") is expected
    assert reason(f"{source} {tail}", f"Informamos de lo hallado {tail}", "es") is not Reject.LOOP


def test_a_rejection_names_its_reason_in_a_log() -> None:
    assert str(Rejected(Reject.ECHO)) == "echo"
