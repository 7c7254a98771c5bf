import pytest

from bot.translation.checks import Reason, Rejected, check
from bot.translation.typography import join, set_apart

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
        ("zh-CN", "", Reason.EMPTY),
        ("zh-CN", " \n", Reason.EMPTY),
        ("zh-CN", "Error 500 (Server Error)!!1500.That’s an error.", Reason.NOTICE),
        ("es", "MYMEMORY WARNING: YOU USED ALL AVAILABLE FREE TRANSLATIONS", Reason.NOTICE),
        ("es", "QUERY LENGTH LIMIT EXCEEDED. MAX ALLOWED QUERY : 500 CHARS", Reason.NOTICE),
        ("ru", "TOO MANY REQUESTS", Reason.NOTICE),
        ("zh-CN", "<!DOCTYPE html><html><title>Sorry</title></html>", Reason.NOTICE),
        ("zh-CN", "<div class='x'>对不起</div>", Reason.NOTICE),
        ("es", SPANISH + " MYMEMORY WARNING: YOU USED ALL", Reason.NOTICE),
        ("zh-CN", SOURCE, Reason.ECHO),
        ("es", SOURCE, Reason.ECHO),
        ("es", SOURCE.upper().replace("HTTPS://GITHUB.COM/A/NERF-FUSION", ""), Reason.PLACEHOLDERS),
        ("es", SOURCE.replace("method", "método").replace("images", "imágenes"), Reason.ECHO),
        ("zh-CN", CHINESE.replace("$k$", "k"), Reason.PLACEHOLDERS),
        ("zh-CN", CHINESE.replace("NeRF-Fusion", "神经融合"), Reason.PLACEHOLDERS),
        ("zh-CN", CHINESE.replace("3.5%", "3.6%"), Reason.PLACEHOLDERS),
        ("zh-CN", CHINESE + "见 $x$。", Reason.PLACEHOLDERS),
        ("zh-CN", CHINESE + "见 http://evil.example", Reason.PLACEHOLDERS),
        ("zh-CN", CHINESE.replace("120", "⟦120⟧"), Reason.PLACEHOLDERS),
        ("zh-CN", CHINESE.replace("120", "102"), Reason.NUMBERS),
        ("es", SPANISH.replace("120", "ciento veinte"), Reason.NUMBERS),
        ("zh-CN", RUSSIAN, Reason.SCRIPT),
        ("zh-CN", JAPANESE, Reason.SCRIPT),
        ("ja", CHINESE, Reason.SCRIPT),
        ("ru", SPANISH, Reason.SCRIPT),
        ("es", RUSSIAN, Reason.SCRIPT),
        ("ko", CHINESE, Reason.SCRIPT),
        ("zh-CN", CHINESE * 4, Reason.PLACEHOLDERS),
        ("zh-CN", CHINESE + "".join(map(chr, range(0x4E00, 0x4F80))), Reason.LENGTH),
        (
            "zh-CN",
            "NeRF-Fusion 120 3.5% $k$ O(n log n) https://github.com/a/nerf-fusion 方法。",
            Reason.LENGTH,
        ),
        (
            "zh-CN",
            CHINESE + "It is both faster and more accurate than earlier approaches。",
            Reason.UNTRANSLATED,
        ),
        ("es", SPANISH[:-1] + ", and that it needs far less memory" * 4, Reason.LOOP),
        ("zh-CN", CHINESE + "非常好" * 12, Reason.LOOP),
    ],
)  # fmt: skip
def test_what_is_no_translation_is_rejected_and_said_why(
    language: str, translated: str, reason: Reason
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
    assert caught.value.reason is Reason.NUMBERS


@pytest.mark.parametrize(
    ("language", "text", "apart"),
    [
        ("zh-CN", "代码见https://a.org/x。", "代码见 https://a.org/x。"),
        ("zh-CN", "见https://a.org/x的页面", "见 https://a.org/x 的页面"),
        ("zh-CN", "对于$x^2$成立，$y$。", "对于 $x^2$ 成立，$y$。"),
        ("ja", "式\\(a\\)を", "式 \\(a\\) を"),
        ("ko", "코드https://a.org/x는", "코드 https://a.org/x 는"),
        ("zh-CN", "使用GPT-4o模型", "使用GPT-4o模型"),
        ("es", "en https://a.org/x ya", "en https://a.org/x ya"),
    ],
)
def test_no_link_or_formula_is_glued_to_an_east_asian_word(
    language: str, text: str, apart: str
) -> None:
    assert set_apart(text, language=language) == apart
    assert set_apart(apart, language=language) == apart


def test_pieces_are_joined_as_the_script_does() -> None:
    assert join(["一。", "二。"], language="zh-CN") == "一。二。"
    assert join(["Uno.", "Dos."], language="es") == "Uno. Dos."
    assert join(["하나.", "둘."], language="ko") == "하나. 둘."
