"""Plural folding of English words, the same on both sides, for words that are already folded.

A key, not a dictionary: all that matters is that a singular and its plural come out alike, and that
words which only look like plurals (gas, bias, loss, analysis, dynamics) stay apart from others.

1. The irregular ones and the Latin and Greek of science are listed: matrices, vertices, corpora.
2. Words that end in s in the singular (bias, lens, series) are listed: they stay, and lose -es.
3. Words of up to 3 letters stay, and so do -ss -us -is (loss, corpus, analysis) and the sciences
   in -ics (dynamics), but not the plurals in -ics that are listed (metrics, topics).
4. From 5 letters on, -heses -yses become -is, -ies becomes -y, and -sses -shes -ches -xes -zzes
   -oes lose -es.
5. Any other -s goes.
"""

from __future__ import annotations

_LISTED = """
aches:ache antennae:antenna apis:api appendices:appendix automata:automaton axes:axis
bacteria:bacterium caches:cache calories:calorie canoes:canoe children:child cookies:cookie
corpora:corpus cpus:cpu criteria:criterion diagnoses:diagnosis foci:focus formulae:formula gpus:gpu
guis:gui halves:half headaches:headache indices:index larvae:larva leaves:leaf loci:locus
matrices:matrix maxima:maximum men:man menus:menu metastases:metastasis mice:mouse minima:minimum
momenta:momentum movies:movie niches:niche npus:npu nuclei:nucleus optima:optimum
phenomena:phenomenon prognoses:prognosis radii:radius schemata:schema shoes:shoe spectra:spectrum
stimuli:stimulus supernovae:supernova teeth:tooth tpus:tpu vertices:vertex wolves:wolf women:woman
zombies:zombie
"""
_SINGULAR = """
alias always apparatus atlas bias bonus bus campus canvas census chaos consensus corpus cosmos
ethos focus gas genus lens means nexus news pancreas perhaps series species status surplus virus
whereas
"""
_PLURAL = """
antibiotics basics characteristics clinics comics critics demics fabrics heuristics logics lyrics
metrics mosaics relics topics
"""
_IRREGULAR = dict(pair.split(":") for pair in _LISTED.split())
_ENDS_IN_S = frozenset(_SINGULAR.split())
_PLURAL_ICS = tuple(_PLURAL.split())
_ENDINGS = {"heses": "hesis", "yses": "ysis", "ies": "y"} | {
    f"{stem}es": stem for stem in ("ss", "sh", "ch", "x", "zz", "o")
}


def singular(word: str) -> str:
    """The folded word without its plural ending, by the rules above."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word in _ENDS_IN_S or _stays(word):
        return word
    if word[:-2] in _ENDS_IN_S and word.endswith("es"):
        return word[:-2]
    return _shortened(word)


def acronym(cased: str) -> str:
    """A word with two capitals or more without its small plural s: PDEs, NNs, NeRFs."""
    return cased[:-1] if cased.endswith("s") and capitals(cased) > 1 else cased


def capitals(cased: str) -> int:
    """How many letters of the word are capitals."""
    return sum(letter.isupper() and letter != letter.casefold() for letter in cased)


def _stays(word: str) -> bool:
    if len(word) <= 3 or word.endswith(("ss", "us", "is")):
        return True
    return word.endswith("ics") and not word.endswith(_PLURAL_ICS)


def _shortened(word: str) -> str:
    if len(word) > 4:  # ties and toes are not like queries and echoes
        for ending, stem in _ENDINGS.items():
            if word.endswith(ending):
                return word.removesuffix(ending) + stem
    return word.removesuffix("s")
