"""Entities, mangled UTF-8 and LaTeX are undone, once each, and papers are found as people type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.texts import texts, unhurried
from worker.core.mojibake import unmangled
from worker.core.readable import readable
from worker.core.words import words


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("&lt;think&gt; Schr&ouml;dinger &#233;&#xe9;", "<think> Schrödinger éé"),
        ("&amp;eacute; &amp;lt;", "&eacute; &lt;"),
        (r"R\&amp;D", "R&D"),
        *((text, text) for text in ("AT&T", "R&D;", "&c", "&copy 2025", "a && b;", "&;", "&#x;")),
    ],
)
def test_entities_are_decoded_once(written: str, read: str) -> None:
    assert readable(written, markup=False) == read


def test_what_a_form_of_markup_has_decoded_is_not_decoded_again() -> None:
    assert readable("&lt;b&gt; in \\LaTeX", markup=True) == "&lt;b&gt; in LaTeX"


@pytest.mark.parametrize(
    ("mangled", "meant"),
    [
        ("MÃ¼ller donâ€™t", "Müller don’t"),
        ("â€œPoincarÃ©â€\x9d, 10Â\u00a0Â°C", "“Poincaré”, 10\u00a0°C"),
        ("Å¡kola Î±-Net ðŸš€ å¤§", "škola α-Net 🚀 大"),
    ],
)
def test_utf8_that_was_read_as_windows_1252_is_read_again(mangled: str, meant: str) -> None:
    assert readable(mangled, markup=True) == meant


@pytest.mark.parametrize(
    "right",
    [
        "NÃO, IRMÃ, Ângelo, România", "1 Å—2 Å", "“Å’s”", "CAFÉ®", "naïve Müller’s",
        "MÃ¼ller and α", "Ã© and é", "大模型", "Ð",
    ],
)  # fmt: skip
def test_what_is_right_or_only_half_mangled_is_left_alone(right: str) -> None:
    assert readable(right, markup=True) is right


@unhurried
@given(st.text(st.sampled_from("abc éüñßàÎЖ’“”–…中🚀"), max_size=30))
def test_mangled_text_comes_back_or_stays(meant: str) -> None:
    mangled = meant.encode().decode("latin-1")
    assert unmangled(mangled) in (meant, mangled)


@unhurried
@given(texts, st.booleans())
def test_any_text_can_be_made_readable(text: str, markup: bool) -> None:
    assert len(readable(text, markup=markup)) <= 4 * len(text)


@unhurried
@given(st.text("abc XYZ 059 .,;:!?%#()[]/é中-'", max_size=60).filter(lambda text: "--" not in text))
def test_ordinary_text_is_given_back_as_it_is(text: str) -> None:
    assert readable(text, markup=False) is text


@pytest.mark.parametrize(
    ("paper", "rules"),
    [
        (r"$\mathcal{O}(n \log n)$ time", ["O(n log n)", r"\mathcal{O}(n \log n)"]),
        (r"R\"ossler systems", ["Rössler", "Rossler", r"R\"ossler", 'R{\\"o}ssler']),
        (r"a $\beta$-VAE", ["beta-VAE", "β-VAE", r"\beta-VAE", r"$\beta$-VAE"]),
        (r"$\alpha$ and \Delta", ["alpha", "α", r"\alpha", "Δ", "delta"]),
        ("liquid H$_2$O", ["H2O", "H_2O", "H₂O", "h2o"]),
        (r"the $\ell_1$-norm", ["l1", "l_1", r"\ell_1", "ell_1", "ℓ₁-norm", r"\ell_{1}"]),
        ("A$^3$: it", ["A3", "A^3", "A³", "A^{3}", "A$^3$"]),
        ("error in $x^2$ of $x_i$", ["x2", "x^2", "x_i", "x²", "xᵢ"]),
        (r"$10^{-3}$ and $10^6$", ["10^6", "10⁶", "10^-3", "10⁻³"]),
        (r"$\theta_t$ in $\mathbb{R}^d$", ["theta", "θ_t", r"\theta_t", "R^d", "ℝᵈ"]),
        (r"UI2Code$^\text{N}$", ["UI2Code^N", "UI2Code"]),
        (r"{\em labeled} \tool at 36.4\%", ["labeled tool", "tool", "36.4"]),
        (r"the loss $L_{task}$", ["task", "L_task", "loss L"]),
    ],
)
def test_a_paper_made_readable_is_found_by_what_people_type(paper: str, rules: list[str]) -> None:
    found = folded(readable(paper, markup=False))
    for rule in rules:
        wanted = folded(rule)
        assert wanted in [found[at : at + len(wanted)] for at in range(len(found))], rule


def folded(text: str) -> list[str]:
    return [word.folded for word in words(text)]


BASES = st.sampled_from(["a", "xy", "abc", "ell", "B", "12", "snake_case", "e2", "x.org/a"])
SCRIPTS = st.sampled_from(["", "^2", "_1", "_i", "^k", "^{3}", "_{2}", "^12", "_12", "_ab", "^-1"])
ENDS = st.sampled_from(["", " ", "-", "(x)", ", ", "_"])


@unhurried
@given(st.lists(st.tuples(BASES, SCRIPTS, ENDS).map("".join), max_size=3).map(" ".join))
def test_a_rule_as_typed_has_the_words_of_the_paper_made_readable(typed: str) -> None:
    assert folded(typed) == folded(readable(typed, markup=True))


@pytest.mark.parametrize("text", ["area of 20 Å²", "2.5 Å±0.2", "2 Å\u00a0resolution", "eV/Å·atom"])
def test_an_angstrom_before_a_sign_is_no_mangled_letter(text: str) -> None:
    assert readable(text, markup=False) == text
