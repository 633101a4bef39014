"""Which spellings are one title, and which texts are an id (scenario 5)."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.texts import texts, unhurried
from worker.core.clean import clean_line, clean_listing
from worker.core.fold import fold
from worker.core.identity import fingerprint, keys, normalise_id
from worker.model import Listing

SIXTY_LETTERS = "A Survey of Neural Operators for Partial Differential Equations"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Limits of Koopman Learning", "LIMITS of  koopman learning."),
        ("Multi-marginal Schrödinger", "Multimarginal Schrodinger"),
        ("MrT5: Dynamic Token-Merging", "MrT5 – dynamic token merging"),
        (r"HyperZ$\cdot$Z$\cdot$W Operator", "HyperZcdotZcdotW Operator"),
        (r"Schr\"odinger", "Schrödinger"),
        (r"Schr{\"o}dinger", "Schro\u0308dinger"),
        (r"Schr\"{o}dinger and Poincar\'e", "Schrodinger and Poincaré"),
        ("A$^3$", "A^3"),
        ("A³", "A^3"),
        (r"R^\textbf{2AI}", "R^textbf{2AI}"),
        (r"$\beta$-VAE and $\lambda$", "β-VAE and λ"),
        (r"Fran\c{c}ois \v{S}ime\v cek", "François Šimeček"),
        (r"{\o}re \L{}odz stra\ss e \AE sir \aa", "Øre Łodz Straße Æsir å"),
        (r"Mart\'\i nez na{\"\i}ve \DJ ura \th", "Martínez naïve Đura þ"),
        ("ﬁne Ｗｉｄｅ", "fine wide"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("İstanbul ısı", "istanbul isi"),
        ("한국어", "\u1112\u1161\u11ab\u1100\u116e\u11a8\u110b\u1165"),
    ],
)
def test_two_ways_of_writing_one_title_have_one_fingerprint(one: str, other: str) -> None:
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"{SIXTY_LETTERS}: Part One", f"{SIXTY_LETTERS}: Part Two"),
        (SIXTY_LETTERS, f"{SIXTY_LETTERS} Revisited"),
        ("GPT-3", "GPT-4"),
        ("深層学習", "深層生成"),
        ("が", "か"),
        ("हिंदी", "हद"),
        ("Война", "Мир"),
        ("💩", "🚀"),
        ("、。", "。"),
        ("❤\ufe0f", "\ufe0f"),
        ("", "?"),
    ],
)
def test_two_titles_have_two_fingerprints(one: str, other: str) -> None:
    assert fingerprint(one) != fingerprint(other)


def test_a_fingerprint_is_made_of_letters_and_digits_that_a_person_can_read() -> None:
    assert fingerprint("GPT-4: The Élan, 第2版!") == "gpt4theelan第2版"


def test_a_title_of_signs_only_gets_a_steady_mark_that_no_title_has() -> None:
    assert fingerprint("🚀") == fingerprint(" 🚀\n") == "#ebbc0b2870eb323f2b6cffa5c493ceef"


@unhurried
@given(texts)
def test_cleaning_does_not_change_a_fingerprint(title: str) -> None:
    assert fingerprint(clean_line(title)) == fingerprint(title) != ""


@unhurried
@given(st.text(st.sampled_from("abcXYZ09éñßŁøæжИωΣ字한"), min_size=1), st.data())
def test_case_spaces_and_signs_between_letters_do_not_count(
    title: str, data: st.DataObject
) -> None:
    between = st.sampled_from(["", " ", "-", "–", ".", "$", "\u00ad", ", "])
    spaced = "".join(letter + data.draw(between) for letter in title)
    assert fingerprint(spaced) == fingerprint(title.upper()) == fingerprint(title)


@unhurried
@given(
    st.text(st.sampled_from("abcdefgh0123 "), max_size=30), st.text("abcdefgh0123 ", max_size=30)
)
def test_plain_titles_share_a_fingerprint_only_if_their_letters_are_equal(
    one: str, other: str
) -> None:
    assert (fingerprint(one) == fingerprint(other)) == (
        one.replace(" ", "") == other.replace(" ", "")
    )


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        (r"M\"obius \& $x$", r"mobius \& $x$"),
        (r"\circ \text \oint \bar", r"\circ \text \oint \bar"),  # commands that only begin alike
        (r"\c", r"\c"),
        (r"{\'e}t\'{e} {\^{\i}}", "ete i"),
        (r"\u{g} \H o \k{a} \t{oo}", "g o a oo"),
        (r"\dh \dj", "dd"),
    ],
)
def test_folding_undoes_accents_and_leaves_other_latex(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize("piece", ["\\", "{", "\\c ", '\\"{', "{\\'", "{\\o", "é", "\\i", " "])
def test_folding_takes_linear_time(piece: str) -> None:
    began = time.process_time()
    fold(piece * 200_000)
    fold("\\c" + piece * 200_000)
    assert time.process_time() - began < 5


# --- ids --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("2509.01234v2", "arxiv:2509.01234"),
        ("arXiv:2509.01234", "arxiv:2509.01234"),
        ("arxiv: 0704.0001", "arxiv:0704.0001"),
        ("hep-th/9901001", "arxiv:hep-th/9901001"),
        ("math.GT/0309136v1", "arxiv:math/0309136"),
        ("https://arxiv.org/abs/2509.01234v1", "arxiv:2509.01234"),
        ("http://www.arxiv.org/pdf/2509.01234.pdf", "arxiv:2509.01234"),
        ("https://arxiv.org/pdf/hep-th/9901001v3#page=2", "arxiv:hep-th/9901001"),
        ("https://huggingface.co/papers/2509.01234?x=1", "arxiv:2509.01234"),
        ("https://arxiv.org/abs/arXiv:2509.01234v2", "arxiv:2509.01234"),
        ("https://doi.org/10.48550/arXiv.2509.01234", "arxiv:2509.01234"),
        (" 10.1000/XYZ ", "doi:10.1000/xyz"),
        ("https://doi.org/10.1038/s41586-021-03819-2", "doi:10.1038/s41586-021-03819-2"),
        ("http://dx.doi.org/10.1000/a(b)c", "doi:10.1000/a(b)c"),
        ("doi:10.1000/182.,", "doi:10.1000/182"),
    ],
)
def test_an_id_is_recognised_however_it_is_written(text: str, key: str) -> None:
    assert normalise_id(text) == key
    assert normalise_id(key) == key


@pytest.mark.parametrize(
    "text",
    [
        *("", "2509", "2513.01234", "2509.012345", "2509.01234v", "x2509.01234", "../2509.01234"),
        *(
            "10.1000/",
            "10.1/x",
            "10.1000/a b",
            "10.1000/a\nb",
            "pmid:12",
            "https://x.org/2509.01234",
        ),
        *("10.1000/.;", "10.1000/İ", "arXıv:2509.01234"),
        "10.1000/" + "x" * 200,
        "٢٥٠٩.٠١٢٣٤",
    ],
)
def test_anything_else_is_no_id(text: str) -> None:
    assert normalise_id(text) is None


@unhurried
@given(texts | texts.map(lambda text: f"10.1000/{text}"))
def test_a_normalised_id_is_clean_and_stays_as_it_is(text: str) -> None:
    key = normalise_id(text)
    assert key is None or (normalise_id(key) == key == clean_line(key) and " " not in key)


def test_the_keys_are_the_ids_and_the_title() -> None:
    ids = ("doi:10.1000/X", "pmid:12", "2509.01234v3", "arXiv:2509.01234")
    assert keys(Listing("On X.", "", ids=ids)) == (
        "arxiv:2509.01234",
        "doi:10.1000/x",
        "title:onx",
    )


def test_papers_without_a_title_are_told_apart_by_their_abstracts() -> None:
    one, other, again = (clean_listing(Listing(" ", text)) for text in ("a", "b", " a "))
    assert keys(one) == keys(again) != keys(other)
    assert keys(clean_listing(Listing("🚀", ""))) != keys(clean_listing(Listing("🌙", "")))
