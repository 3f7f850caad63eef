// Creates and uses passkeys (WebAuthn). Each form with data-passkey names the
// address of the options; the form itself then sends the answer like any other
// form. Without scripts the form stays hidden.

/** Shows the forms for passkeys if the browser supports them. */
export function passkeyForms(): void {
  if (!("PublicKeyCredential" in window)) return;
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void answer(form);
    });
  }
}

async function answer(form: HTMLFormElement): Promise<void> {
  const button = form.querySelector<HTMLButtonElement>("button");
  const field = form.querySelector<HTMLInputElement>("input[name=credential]");
  const problem = form.querySelector<HTMLElement>("[data-passkey-problem]");
  if (!button || !field || !problem || button.disabled) return;
  button.disabled = true;
  problem.textContent = "";
  try {
    field.value = await sign(form.dataset.passkey ?? "", form);
    form.submit();
  } catch (error) {
    problem.textContent = reason(error);
  } finally {
    button.disabled = false;
  }
}

/** Fetches the options at the address and returns the authenticator's answer. */
async function sign(address: string, form: HTMLFormElement): Promise<string> {
  const token = form.querySelector<HTMLInputElement>("input[name=token]")?.value ?? "";
  const asked = await fetch(address, { method: "POST", body: new URLSearchParams({ token }), headers: { Accept: "application/json" } });
  const text = (await asked.json()) as { publicKey?: Options; detail?: string };
  if (!asked.ok || !text.publicKey) throw new Refusal(text.detail ?? "The server could not start the passkey request. Try again.");
  const publicKey = read(text.publicKey);
  const made = "user" in publicKey ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
  if (!(made instanceof PublicKeyCredential)) throw new Refusal("The browser returned no passkey. Try again.");
  return write(made);
}

class Refusal extends Error {}

function reason(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  if (error instanceof DOMException && error.name === "InvalidStateError") return "This device already has a passkey for your account.";
  if (error instanceof DOMException && error.name === "SecurityError") return "The browser can't use passkeys on this host name.";
  return "The request was cancelled or took too long. Try again.";
}

interface Named {
  type: "public-key";
  id: string;
  transports?: AuthenticatorTransport[];
}

// The options as JSON: binary fields are in base64url.
interface Options {
  challenge: string;
  user?: { id: string; name: string; displayName: string };
  excludeCredentials?: Named[];
  allowCredentials?: Named[];
}

function read(options: Options): PublicKeyCredentialCreationOptions | PublicKeyCredentialRequestOptions {
  const known = (all?: Named[]) => all?.map((one) => ({ ...one, id: bytes(one.id) }));
  const common = { ...options, challenge: bytes(options.challenge) };
  if (options.user) {
    const user = { ...options.user, id: bytes(options.user.id) };
    return { ...common, user, excludeCredentials: known(options.excludeCredentials) } as unknown as PublicKeyCredentialCreationOptions;
  }
  return { ...common, allowCredentials: known(options.allowCredentials) } as PublicKeyCredentialRequestOptions;
}

function write(made: PublicKeyCredential): string {
  const { response } = made;
  const said: Record<string, unknown> = { clientDataJSON: base64url(response.clientDataJSON) };
  if (response instanceof AuthenticatorAttestationResponse) {
    said.attestationObject = base64url(response.attestationObject);
    said.transports = response.getTransports();
  } else if (response instanceof AuthenticatorAssertionResponse) {
    said.authenticatorData = base64url(response.authenticatorData);
    said.signature = base64url(response.signature);
    if (response.userHandle) said.userHandle = base64url(response.userHandle);
  }
  return JSON.stringify({
    id: made.id,
    rawId: base64url(made.rawId),
    type: made.type,
    clientExtensionResults: made.getClientExtensionResults(),
    response: said,
  });
}

function bytes(text: string): ArrayBuffer {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0)).buffer;
}

function base64url(buffer: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
