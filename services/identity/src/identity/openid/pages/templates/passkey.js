(() => {
  "use strict";
  const form = document.getElementById("passkey");
  const said = document.getElementById("passkey-said");
  const able = window.isSecureContext && window.PublicKeyCredential;
  if (!form || !able || !PublicKeyCredential.parseRequestOptionsFromJSON) return;
  const button = form.querySelector("button");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.textContent = "";
    button.disabled = true;
    try {
      const answer = await fetch("/v1/passkeys/sign-in-options/", { method: "POST", credentials: "omit" });
      if (!answer.ok) throw new Error(String(answer.status));
      const { options } = await answer.json();
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
      const credential = await navigator.credentials.get({ publicKey });
      form.elements.credential.value = JSON.stringify(credential.toJSON());
      form.submit();
    } catch {
      said.textContent = form.dataset.failed;
      button.disabled = false;
      button.focus();
    }
  });
})();
