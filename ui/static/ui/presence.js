// Says that this page is open, and whether a field is being filled in; quiet while the page is hidden.

const CHAMPS = "main input:not([type=hidden]), main select, main textarea";
const PATIENCE = 10_000;
const bloc = () => document.querySelector("[data-presence]");
const nous = (evenement) => evenement.target === bloc();
const dire = () => { if (bloc()) window.htmx.trigger(bloc(), "presence"); };
let derniere = null;
let dit = 0;

document.addEventListener("htmx:configRequest", (evenement) => {
  if (nous(evenement)) evenement.detail.parameters.ecrit = document.activeElement.matches(CHAMPS) ? "oui" : "";
});

document.addEventListener("htmx:beforeRequest", (evenement) => {
  if (nous(evenement) && document.hidden) evenement.preventDefault();
});

// A session that ended sends nobody to sign in again while she types: her next gesture will.
document.addEventListener("htmx:beforeOnLoad", (evenement) => {
  if (nous(evenement) && evenement.detail.xhr.getResponseHeader("HX-Redirect")) evenement.preventDefault();
});

// The same answer again would be read aloud again.
document.addEventListener("htmx:beforeSwap", (evenement) => {
  if (evenement.detail.target.id !== "presence") return;
  if (evenement.detail.serverResponse === derniere) evenement.detail.shouldSwap = false;
  derniere = evenement.detail.serverResponse;
});

document.addEventListener("focusin", (evenement) => {
  if (!evenement.target.matches(CHAMPS) || Date.now() - dit < PATIENCE) return;
  dit = Date.now();
  dire();
});

document.addEventListener("visibilitychange", () => { if (!document.hidden) dire(); });
