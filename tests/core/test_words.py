"""Text as words."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.core.plural import singular
from worker.core.words import words

PIECES = st.sampled_from(
    [
        *"aZé1ßİﬁø{}\\\"'`^~.#+-_ *$",
        r"\"o",
        r"\'{e}",
        r"\v s",
        r"{\ss}",
        r"\o ",
        "C++",
        "'s",
        "\u0301",
    ]
)


def folded(text: str) -> list[str]:
    return [word.folded for word in words(text)]


@pytest.mark.parametrize(
    "spelling",
    [
        r"Schr\"odinger", r"Schr\"{o}dinger", r"Schr{\"o}dinger", r"Schr{\"{o}}dinger",
        "Schrödinger", "Schro\u0308dinger", "Schrodinger", "SCHRÖDINGER", "Schr{ö}dinger",
        "Ｓchrödinger",
    ],
)  # fmt: skip
def test_however_schroedinger_is_spelled_he_is_one_word(spelling: str) -> None:
    assert folded(spelling) == ["schrodinger"]


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r"R\"ossler", "rossler"), (r"Monge-Amp\`ere", "monge ampere"), (r"Erd\H{o}s", "erdos"),
        (r"Erd\H os", "erdos"), (r"na\"{\i}ve", "naive"), (r"na\"\i ve", "naive"),
        (r"\v{S}\v s", "ss"),
        (r"Stra\ss e", "strasse"), (r"Stra{\ss}e", "strasse"), (r"Stra\ss{}e", "strasse"),
        (r"M\o ller", "moller"), (r"\L{}ukasz", "lukasz"), (r"{\AE}ther", "aether"),
        (r"\AA ngstr\"om", "angstrom"), (r"\O{}rsted", "orsted"), (r"Fran\c{c}ois", "francois"),
        (r"\DJ okovi\'c", "dokovic"), (r"{\em labeled} data", "labeled data"),
        (r"\textbf{Bold}ly", "boldly"), (r"$\alpha$-stable", "alpha stable"), (r"4\%", "4"),
    ],
)  # fmt: skip
def test_latex_is_undone(latex: str, plain: str) -> None:
    assert folded(latex) == plain.split()


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("Straße STRASSE", "strasse strasse"), ("İstanbul ISTANBUL", "istanbul istanbul"),
        ("ılık", "ilik"), ("ﬁne", "fine"), ("ＦＵＬＬ", "full"), ("naïve", "naive"), ("H₂O", "h2o"),
        ("Łódź Ørsted Æther œuvre Þór", "lodz orsted aether oeuvre thor"), ("co\u00adop", "coop"),
    ],
)  # fmt: skip
def test_case_accents_ligatures_and_widths_do_not_matter(typed: str, plain: str) -> None:
    assert folded(typed) == plain.split()


def test_hyphens_dashes_and_underscores_separate_words_but_capitals_do_not() -> None:
    assert folded("Mixture-of-Experts") == ["mixture", "of", "experts"]
    assert folded("DDoS-UNet pre–train snake_case CamelCase") == (
        ["ddos", "unet", "pre", "train", "snake", "case", "camelcase"]
    )


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        (r"β-VAE \beta-VAE PanGu-π μP Δ", "beta vae beta vae pangu pi mup delta"),
        ("ΣΊΣΥΦΟΣ λόγος", "σισυφοσ λογοσ"),
        ("H_2O H₂O CO_{2} V_0.5", "h2o h2o co2 v0 5"),
        ("A^3 A³ A^{3}B A$^3$B R^d x_i xᵢ nᵗʰ", "a3 a3 a3b a3b r d x i x i n th"),
        (r"\ell_1 ell_1 ℓ₁ l1 $\ell_{2}$ cell_1", "l1 l1 l1 l1 l2 cell 1"),
        ("10^6 10⁶ 10⁻³ block_2 fix_1@1 a_1_2", "10 6 10 6 10 3 block 2 fix 1 1 a 1 2"),
    ],
)
def test_greek_letters_have_names_and_numbers_belong_to_their_letter(
    typed: str, plain: str
) -> None:
    assert folded(typed) == plain.split()


def test_a_possessive_is_dropped() -> None:
    assert folded("Newton's laws, users’ NEWTON'S it's") == (
        ["newton", "laws", "users", "newton", "it"]
    )


def test_cpp_csharp_and_dotnet_keep_their_signs() -> None:
    assert folded("C++, C#; .NET") == ["c", "++", "c", "#", ".", "net"]
    assert folded("PointNet++ C++11 a+b end.Next #5") == (
        ["pointnet", "++", "c", "++", "11", "a", "b", "end", "next", "5"]
    )


def test_what_has_no_letter_or_digit_left_is_no_word() -> None:
    assert words("… 🚀 -- \ud800 \u0301 ()") == ()
    assert words(".\u037a") == ()  # a letter to Unicode, but folded it is a blank and an accent


def test_spans_tell_where_a_word_stands_in_the_original_text() -> None:
    text = r"The Schr{\"o}dinger's C++ bridge"
    assert [text[word.start : word.end] for word in words(text)] == (
        ["The", r"Schr{\"o}dinger", "C", "++", "bridge"]
    )


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("operators", "operator"), ("bodies", "body"), ("classes", "class"), ("caches", "cache"),
        ("branches", "branch"), ("boxes", "box"), ("sizes", "size"), ("matrices", "matrix"),
        ("biases", "bias"), ("gases", "gas"), ("viruses", "virus"), ("causes", "cause"),
        ("hypotheses", "hypothesis"), ("analyses", "analysis"), ("metrics", "metric"),
        ("movies", "movie"), ("echoes", "echo"), ("shoes", "shoe"), ("ties", "tie"),
        ("gpus", "gpu"),
        ("1990s", "1990"), ("PDEs", "pde"), ("NNs", "nn"), ("APIs", "api"), ("NeRFs", "nerf"),
    ],
)  # fmt: skip
def test_a_plural_and_its_singular_are_one(plural: str, one: str) -> None:
    assert [word.singular for word in words(f"{plural} {one}")] == [one, one]


@pytest.mark.parametrize(
    "word",
    ["gas", "bias", "loss", "analysis", "corpus", "series", "dynamics", "lens", "its", "RNS"],
)
def test_what_only_looks_like_a_plural_stays(word: str) -> None:
    assert words(word)[0].singular == word.lower()


@settings(deadline=None)
@given(st.text() | st.lists(PIECES, max_size=30).map("".join))
def test_any_text_has_words_in_order_that_are_words_again(text: str) -> None:
    end = 0
    for word in words(text):
        assert end <= word.start < word.end <= len(text)
        end = word.end
        if word.folded not in ("++", "#", "."):
            assert [again.folded for again in words(word.folded)] == [word.folded]
            assert [again.cased for again in words(word.cased)] == [word.cased]
            assert word.folded == word.cased.casefold()


@pytest.mark.parametrize(
    "piece",
    [
        r"\"", r"{\"{o}", r"\c", r"\o ", "\\o" + " " * 99, r"\text", "{a", "{", "x{", "'s",
        ".", "a+", "\u0301\u0316", "a\u0301\u0316", "a\u0301" * 9 + "{",
    ],
)  # fmt: skip
def test_time_grows_with_the_length_only(piece: str) -> None:
    started = process_time()
    words("a" + piece * (100_000 // len(piece)))
    assert process_time() - started < 3  # it takes 0.1 s; a quadratic step took 13


def test_the_rules_for_plurals_are_those_of_their_page() -> None:
    assert singular("parentheses") == "parenthesis"
    assert singular("pandemics") == "pandemic"
    assert singular("buses") == "bus"
    assert singular("buss") == "buss"
