// Nothing typed is lost: what the server has not kept yet stays in this browser, and is sent again as soon as it can be.

const etat = () => document.getElementById("etat-saisie");
const cle = (bloc) => `saisie:${location.pathname}:${bloc.dataset.champ}`;

function valeur(bloc) {
  const champ = bloc.querySelector("textarea, input:not([type=hidden]):not([type=radio]):not([type=checkbox])");
  if (champ) return champ.value;
  const choisi = bloc.querySelector("input:checked");
  return choisi ? choisi.value : "";
}

function remettre(bloc, gardee) {
  const champ = bloc.querySelector("textarea, input:not([type=hidden]):not([type=radio]):not([type=checkbox])");
  if (champ) champ.value = gardee;
  else bloc.querySelectorAll("input[type=radio], input[type=checkbox]").forEach((un) => { un.checked = un.value === gardee; });
}

// What the page came with: an answer given before this script was there differs from it, and was not sent.
function servie(bloc) {
  const champ = bloc.querySelector("textarea, input:not([type=hidden]):not([type=radio]):not([type=checkbox])");
  if (champ) return champ.defaultValue;
  return [...bloc.querySelectorAll("input")].find((un) => un.defaultChecked)?.value ?? "";
}

function renvoyer({ type }) {
  document.querySelectorAll("[data-champ]").forEach((bloc) => {
    const donnee = type === "load" && valeur(bloc) !== servie(bloc) ? valeur(bloc) : null;
    const gardee = localStorage.getItem(cle(bloc)) ?? donnee;
    if (gardee === null) return;
    if (gardee !== valeur(bloc)) remettre(bloc, gardee);
    window.htmx.trigger(bloc, "change");
  });
}

document.addEventListener("input", (evenement) => {
  const bloc = evenement.target.closest("[data-champ]");
  if (bloc) localStorage.setItem(cle(bloc), valeur(bloc));
});

document.addEventListener("htmx:afterRequest", (evenement) => {
  const bloc = evenement.target.closest("[data-champ]");
  if (!bloc) return;
  if (evenement.detail.successful) {
    const envoyee = evenement.detail.requestConfig.formData.get(bloc.dataset.champ) ?? "";
    if (envoyee === valeur(bloc)) localStorage.removeItem(cle(bloc));
  } else if (!evenement.detail.xhr.status) {
    etat().textContent = "Connexion perdue. Ce que vous écrivez est gardé sur ce poste, et sera enregistré dès son retour.";
  }
});

// A refusal is an answer too: it is shown where the field's state is.
document.addEventListener("htmx:beforeSwap", (evenement) => {
  if (evenement.detail.xhr.status === 409) { evenement.detail.shouldSwap = true; evenement.detail.isError = false; }
});

// Of two answers that come back out of order, what the older one says of the dossier is already past.
document.addEventListener("htmx:oobBeforeSwap", (evenement) => {
  const { fragment, target } = evenement.detail;
  const recue = fragment.querySelector("[data-version]");
  if (recue && Number(recue.dataset.version) < Number(target.dataset.version)) evenement.preventDefault();
  target.querySelectorAll("details[open][id]").forEach(({ id }) => { // what its reader unfolded stays so
    const neuf = fragment.querySelector(`#${id}`);
    if (neuf) neuf.open = true;
  });
});

// The second click on a form that acts finds it gone already.
document.addEventListener("submit", (evenement) => {
  if (!evenement.target.matches("[data-une-fois]")) return;
  if (evenement.target.dataset.parti) evenement.preventDefault();
  evenement.target.dataset.parti = "oui";
});

window.addEventListener("online", renvoyer);
window.addEventListener("load", renvoyer);
