"""English words that say nothing of what a paper is about, and what a word's family begins with."""

from __future__ import annotations

from typing import Final

_ORDINARY = """
about above absence abundant accordingly across adequate advance after again against albeit almost
alongside already also although always among and another any apart appear appropriate arise around
arxiv aspect author away because become before behind being below beside besides better between
beyond both bring broad broadly but can cannot careful case cause certain challenge code com come
common compare comprehensive concept conclude consequently consider consist could crucial current
demo despite detail different difficult diverse does doing done down due during each early easy
effect either emerge enough entire especially essential establish etc even every example except
exist explore extensive fact fail far few field find first flexibility for former found four from
full fully further gain gap general github give given good great had hand has have hence here high
hold however html http https huge idea immediate impact implication important improve include indeed
indicate inherent insight instance instead integral intersection into introduce investigate issue
its itself just key kind known lack large largely last late later latter lead least leave less let
level lie like likely limit list literature little long lose made main mainly major make many may
mean meanwhile merely might monolithic more moreover most much must namely near nearly necessary
need neither never nevertheless new next non nor not note notable novel now number numerous obtain
occur often old once one only onto open optional other otherwise our out over overall own page paper
part particular past penalty per perform perhaps place plausible point possible potential practical
present previous primary principle prior problem project promising propose prove provide publish
published purely put question quite range rapid rather reach readily real recent recently reason
regard regardless relevant rely remain remains report require research result rise role same say
scope second see seek seen serve service several severe shall she should show significant similar
simple simplicity simply since single situation six small some sometimes soon special specific state
still strength stress strong study substantial such sufficient suitable supplementary sure take task
ten term than that the their them then there thereby therefore these they thing third this those
though three through throughout thus time together too toward towards true try turn two type typical
under underlying unfortunately until upon use useful usual utilize valuable variety various vast
very via view vital want was way well were what when where whereas whereby whether which while who
whole whose why wide widely will with within without work would www yet yield you
"""
_ENDINGS = """
ically ization isation ations ation ingly edly ings ments ment ness ities ity ally ions ion ing ers
ors ed er or ly es al ic s e y
"""
ORDINARY: Final = frozenset(_ORDINARY.split())
_ENDS: Final = tuple(_ENDINGS.split())
_LEFT: Final = 4  # letters of the word


def root(word: str) -> str:
    """The folded word without its ending: *deploy* of deploying, deployed and deployment."""
    for ending in _ENDS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEFT:
            return word.removesuffix(ending)
    return word
