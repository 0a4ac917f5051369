// Passkeys: without this script the page says they do not work; with it, what the browser refuses is said in French.
document.getElementById("cle-sans-script").hidden = true;
document.addEventListener("allauth.error", (evenement) => {
  const message = document.getElementById("cle-erreur");
  evenement.preventDefault();
  message.hidden = false;
  message.focus();
});
