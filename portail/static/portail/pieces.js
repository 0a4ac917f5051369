// A file chosen or dropped leaves at once and says how far it is. Without this, the same form is sent by its button.

const formulaire = (cible) => (cible instanceof Element ? cible.closest("[data-envoi]") : null);
const vise = (cible) => (cible instanceof Element ? cible.closest(".piece") : null)?.querySelector("[data-envoi]");
const enMo = (octets) => `${(octets / 2 ** 20).toLocaleString("fr-FR", { maximumFractionDigits: 1 })} Mo`;

function dire(envoi, texte, faute = false) {
  const etat = envoi.querySelector(".envoi__etat");
  etat.textContent = texte;
  etat.classList.toggle("fr-message--error", faute);
}

function avancer(envoi, part) {
  const barre = envoi.querySelector("progress");
  barre.hidden = part === null;
  if (part !== null) barre.value = part;
}

function partir(envoi) {
  envoi.closest("details")?.setAttribute("open", "");
  const [fichier] = envoi.querySelector("input[type=file]").files;
  const maximum = Number(envoi.dataset.maximum);
  if (fichier.size > maximum) {
    dire(envoi, `Ce fichier pèse ${enMo(fichier.size)} : ${enMo(maximum)} au plus. Réduisez-le ou séparez-le, puis renvoyez-le.`, true);
    return;
  }
  dire(envoi, `Envoi de ${fichier.name}…`);
  envoi.requestSubmit();
}

document.addEventListener("change", (evenement) => {
  const envoi = formulaire(evenement.target);
  if (envoi && evenement.target.type === "file" && evenement.target.files.length) partir(envoi);
});

// The whole block of a document takes what is dropped on it; dropped beside, a file must not replace the page.
for (const nom of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(nom, (evenement) => {
    if (!evenement.dataTransfer?.types.includes("Files")) return;
    evenement.preventDefault();
    const envoi = vise(evenement.target);
    document.querySelectorAll(".piece").forEach((un) => un.classList.toggle("piece--visee", nom === "dragover" && un.contains(envoi ?? null)));
    if (nom !== "drop" || !envoi) return;
    if (evenement.dataTransfer.files.length !== 1) { dire(envoi, "Déposez un seul fichier à la fois.", true); return; }
    envoi.querySelector("input[type=file]").files = evenement.dataTransfer.files;
    partir(envoi);
  });
}

document.addEventListener("htmx:xhr:progress", (evenement) => {
  const envoi = formulaire(evenement.target);
  const { lengthComputable, loaded, total } = evenement.detail;
  if (!envoi || !lengthComputable) return;
  const part = Math.round((100 * loaded) / total);
  avancer(envoi, part);
  if (part === 100) dire(envoi, "Fichier transmis, vérification en cours…");
});

for (const nom of ["htmx:sendError", "htmx:sendAbort", "htmx:timeout"]) {
  document.addEventListener(nom, (evenement) => {
    const envoi = formulaire(evenement.target);
    if (!envoi) return;
    avancer(envoi, null);
    dire(envoi, "Connexion perdue pendant l'envoi. Votre fichier est toujours choisi : vérifiez votre connexion, puis appuyez sur « Envoyer ».", true);
  });
}

document.addEventListener("htmx:responseError", (evenement) => {
  const envoi = formulaire(evenement.target);
  if (!envoi || [409, 413].includes(evenement.detail.xhr.status)) return;
  avancer(envoi, null);
  dire(envoi, "Le serveur n'a pas pu recevoir ce fichier. Rechargez la page, puis renvoyez-le.", true);
});

document.addEventListener("htmx:beforeSwap", (evenement) => {
  if (evenement.detail.xhr.status === 413) { evenement.detail.shouldSwap = true; evenement.detail.isError = false; }
});

// The form that had the focus is gone: the reader goes on at the title of what replaced it.
document.addEventListener("htmx:afterSettle", (evenement) => {
  if (evenement.target instanceof Element && evenement.target.matches(".piece")) evenement.target.querySelector("[data-piece-titre]").focus();
});
