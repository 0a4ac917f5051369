"""How long a newcomer takes on a path, worked out from what a browser test really does and what its pages really show.

The keystroke-level model (Card, Moran & Newell, "The keystroke-level model for user performance time with interactive
systems", Communications of the ACM 23(7), 1980) gives each gesture its time, for somebody who is no typist: a key (K)
0.28 s, pointing at something (P) 1.1 s, a button pressed or let go (B) 0.1 s, a hand that goes from the mouse to the
keyboard or back (H) 0.4 s, getting ready to act (M) 1.35 s. One M is counted before each click and one more before each
run of keys; a file chosen costs two clicks more, in the window of the system.

Reading comes on top: each text of the main content, once, when it is first seen on the screen, at 238 words a minute
(Brysbaert, "How many words do we read per minute?", Journal of Memory and Language 109, 2019). What is folded, hidden
or for screen readers alone is not read; what a page repeats from an earlier one is not read again.

Left out, for the model has no time for them: scrolling, waiting for the server, and thinking up what to write.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext

K, P, B, H, M = 0.28, 1.1, 0.1, 0.4, 1.35
MOTS_PAR_MINUTE = 238
#: In the window of the system: the file, then « Ouvrir ».
CLICS_PAR_FICHIER = 2

ECOUTE = """
(() => {
  const seen = (noeud) => {
    const parent = noeud.parentElement;
    if (!parent || parent.closest(".fr-sr-only, script, style, template, noscript")) return false;
    if (parent.tagName === "OPTION") return parent.selected && parent.closest("select").checkVisibility();
    return parent.checkVisibility({contentVisibilityAuto: true, opacityProperty: true, visibilityProperty: true});
  };
  const read = () => {
    const main = document.querySelector("main");
    if (!main) return;
    const pas = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    const textes = [];
    while (pas.nextNode()) if (pas.currentNode.data.trim() && seen(pas.currentNode)) textes.push(pas.currentNode.data);
    window.chronometre("page", location.pathname, textes);
  };
  const note = (geste) => window.chronometre(geste, location.pathname, []);
  addEventListener("load", read);
  addEventListener("pointerdown", (e) => { if (e.isTrusted) { read(); note("clic"); } }, true);
  addEventListener("keydown", (e) => { if (e.isTrusted) note("touche"); }, true);
  addEventListener("change", (e) => { if (e.target.type === "file") note("fichier"); }, true);
})();
"""


@dataclass
class Chronometre:
    """What was done and seen so far. `mots`: words read, page by page."""

    clics: int = 0
    touches: int = 0
    saisies: int = 0
    passages: int = 0
    mots: Counter[str] = field(default_factory=Counter)
    _vus: set[str] = field(default_factory=set)
    _main: str = "clic"

    def follow(self, contexte: BrowserContext) -> None:
        """Count what is done in this browser from now on, and what its pages show."""
        contexte.expose_binding("chronometre", self._note)
        contexte.add_init_script(ECOUTE)

    @property
    def secondes(self) -> float:
        return self.gestes + 60 * self.mots.total() / MOTS_PAR_MINUTE

    @property
    def gestes(self) -> float:
        """Time of the gestures alone."""
        clics = self.clics * (M + P + 2 * B)
        return clics + self.saisies * M + self.touches * K + self.passages * H

    def __str__(self) -> str:
        lus = ", ".join(f"{page} {mots}" for page, mots in self.mots.most_common())
        return (
            f"{self.secondes:.0f} s, dont {self.gestes:.0f} s de gestes : {self.clics} clics, {self.touches} touches "
            f"en {self.saisies} saisies, {self.passages} passages de la main, {self.mots.total()} mots lus ({lus})"
        )

    def _note(self, source: Any, geste: str, page: str, textes: list[str]) -> None:
        if geste == "page":
            self._read(page, textes)
        elif geste == "fichier":
            self.clics += CLICS_PAR_FICHIER
        else:
            self._act(geste)

    def _act(self, geste: str) -> None:
        if geste != self._main:
            self.passages += 1
            self.saisies += geste == "touche"
        self._main = geste
        self.clics += geste == "clic"
        self.touches += geste == "touche"

    def _read(self, page: str, textes: list[str]) -> None:
        for texte in (" ".join(texte.split()) for texte in textes):
            if texte not in self._vus:
                self._vus.add(texte)
                self.mots[page] += len(texte.split())
