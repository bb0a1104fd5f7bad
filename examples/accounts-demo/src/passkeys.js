// Passkeys: asks the service for a challenge, the browser for its answer, and posts that. What is shown
// as `hidden` needs this script; where the browser knows no passkeys, it stays hidden.

const post = async (path, body) => {
  const response = await fetch(`/account/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail ?? answer.title);
  return answer;
};

const show = async (way) => {
  const { publicKey } = await post(`${way}/passkey/challenge`, {});
  const options = PublicKeyCredential.parseRequestOptionsFromJSON(publicKey);
  const credential = await navigator.credentials.get({ publicKey: options });
  await post(`${way}/passkey`, credential.toJSON());
  location.assign("/home");
};

const add = async () => {
  const label = document.querySelector("#label").value;
  const { publicKey } = await post("passkeys/challenge", {});
  const options = PublicKeyCredential.parseCreationOptionsFromJSON(publicKey);
  const credential = await navigator.credentials.create({ publicKey: options });
  const { recovery_codes: codes } = await post("passkeys", { label, credential: credential.toJSON() });
  if (codes === null) {
    location.reload();
    return;
  }
  for (const code of codes) {
    const item = document.createElement("li");
    item.append(Object.assign(document.createElement("code"), { textContent: code }));
    document.querySelector("#codes").append(item);
  }
  document.querySelector("[data-passkey]").hidden = true;
  document.querySelector("#new-codes").hidden = false;
};

const place = document.querySelector("[data-passkey]");
if (place && window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  const fault = document.querySelector("#passkey-fault");
  place.hidden = false;
  place.querySelector("#passkey").addEventListener("click", async () => {
    fault.hidden = true;
    try {
      await (place.dataset.passkey === "passkeys" ? add() : show(place.dataset.passkey));
    } catch (error) {
      fault.textContent = error.message;
      fault.hidden = false;
    }
  });
}
