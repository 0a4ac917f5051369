// The grid behaves like a spreadsheet, and only what its writer touched is sent: what is shown of a conflict is not an answer.

const etat = () => document.getElementById("etat-saisie");
const formulaire = () => document.querySelector("form[data-garder]");
const cle = (nom) => `saisie:${location.pathname}:${nom}`;
const touches = new Set();

function touch(champ) {
  touches.add(champ.name);
  localStorage.setItem(cle(champ.name), champ.value);
}

const saisis = () => [...formulaire().querySelectorAll("[data-champ] input:not([type=hidden]), [data-champ] textarea")];

// Keyboard.

function voisine(champ, haut, droite) {
  const rangees = [...document.querySelectorAll(".grille__essms")].map((une) => [...une.querySelectorAll("input.fr-input")]);
  const ligne = rangees.findIndex((une) => une.includes(champ));
  const colonne = rangees[ligne].indexOf(champ);
  return rangees[ligne - haut]?.[colonne + droite];
}

function mouvement(evenement) {
  const champ = evenement.target;
  const auDebut = champ.selectionStart === 0;
  const aLaFin = champ.selectionEnd === champ.value.length;
  const tout = auDebut && aLaFin;
  const debut = auDebut && champ.selectionEnd === 0;
  const fin = aLaFin && champ.selectionStart === champ.value.length;
  switch (evenement.key) {
    case "ArrowUp": return [1, 0];
    case "ArrowDown": return [-1, 0];
    case "Enter": return evenement.shiftKey ? [1, 0] : [-1, 0];
    case "ArrowLeft": return debut || tout ? [0, -1] : null;
    case "ArrowRight": return fin || tout ? [0, 1] : null;
    default: return null;
  }
}

document.addEventListener("keydown", (evenement) => {
  if (!evenement.target.matches(".grille input.fr-input") || evenement.ctrlKey || evenement.altKey || evenement.metaKey) return;
  const pas = mouvement(evenement);
  if (!pas) return;
  const suivante = voisine(evenement.target, ...pas);
  if (suivante || evenement.key === "Enter") evenement.preventDefault();
  if (suivante) { suivante.focus(); suivante.select(); }
});

document.addEventListener("paste", (evenement) => {
  if (!evenement.target.matches(".grille input.fr-input")) return;
  const texte = evenement.clipboardData.getData("text/plain").replace(/\r?\n$/, "");
  if (!/[\t\n]/.test(texte)) return;
  evenement.preventDefault();
  texte.split(/\r?\n/).forEach((ligne, bas) => ligne.split("\t").forEach((valeur, droite) => {
    const champ = voisine(evenement.target, -bas, droite);
    if (champ) { champ.value = valeur.trim(); touch(champ); }
  }));
  evenement.target.dispatchEvent(new Event("change", { bubbles: true }));
});

// Keeping.

document.addEventListener("input", (evenement) => {
  if (evenement.target.closest("form[data-garder] [data-champ]")) touch(evenement.target);
});

document.addEventListener("htmx:configRequest", (evenement) => {
  if (!evenement.target.matches("form[data-garder]")) return;
  if (!touches.size) { evenement.preventDefault(); return; }
  const { parameters } = evenement.detail;
  for (const nom of Object.keys(parameters)) {
    if (nom !== "csrfmiddlewaretoken" && !touches.has(nom.replace(/^vue:/, ""))) delete parameters[nom];
  }
});

document.addEventListener("htmx:afterRequest", (evenement) => {
  if (!evenement.target.matches("form[data-garder]")) return;
  if (!evenement.detail.successful) {
    if (!evenement.detail.xhr.status) {
      etat().textContent = "Connexion perdue. Ce que vous écrivez est gardé sur ce poste, et sera enregistré dès son retour.";
    }
    return;
  }
  const envoyees = evenement.detail.requestConfig.formData;
  for (const champ of saisis()) {
    if (envoyees.get(champ.name) !== champ.value) continue;
    touches.delete(champ.name);
    localStorage.removeItem(cle(champ.name));
  }
});

document.addEventListener("htmx:afterSettle", () => saisis().forEach((champ) => {
  champ.toggleAttribute("aria-invalid", false);
  if (document.getElementById(`${champ.id}-etat`)?.hasAttribute("data-faute")) champ.setAttribute("aria-invalid", "true");
}));

// A refusal is said where the time of the last keeping is.
document.addEventListener("htmx:beforeSwap", (evenement) => {
  if (evenement.detail.xhr.status !== 409) return;
  etat().innerHTML = evenement.detail.xhr.responseText;
});

function renvoyer() {
  if (!formulaire()) return;
  for (const champ of saisis()) {
    const gardee = localStorage.getItem(cle(champ.name));
    if (gardee === null) continue;
    champ.value = gardee;
    touches.add(champ.name);
  }
  if (touches.size) window.htmx.trigger(formulaire(), "change");
}

// What is sent whole is answered by a whole page: nothing is left to send again.
document.addEventListener("submit", (evenement) => {
  if (evenement.target.matches("form[data-garder]")) saisis().forEach((champ) => localStorage.removeItem(cle(champ.name)));
});

window.addEventListener("online", renvoyer);
window.addEventListener("load", renvoyer);
