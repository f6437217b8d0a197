// Passkeys and security keys: asks the browser for one and puts its answer into the form.
// The binary parts are turned by hand, because a ward's browser may not know how to.

type Given = Record<string, unknown>;

/** Shows and wires every form marked `data-passkey` (`make` or `prove`). */
export function passkeys(root: ParentNode): void {
  if (!("PublicKeyCredential" in window) || !window.isSecureContext) return;
  for (const part of root.querySelectorAll<HTMLElement>("[data-passkey]")) {
    const form = part.querySelector("form");
    if (!form) continue;
    part.hidden = false;
    const missing = part.nextElementSibling;
    if (missing instanceof HTMLElement && "passkeyMissing" in missing.dataset) missing.hidden = true;
    form.addEventListener("submit", (event) => {
      const answer = form.querySelector<HTMLInputElement>("[data-passkey-answer]");
      if (!answer || answer.value) return;
      event.preventDefault();
      void answered(part, form, answer);
    });
  }
}

async function answered(part: HTMLElement, form: HTMLFormElement, answer: HTMLInputElement) {
  const problem = part.querySelector<HTMLElement>("[data-passkey-problem]");
  const button = form.querySelector("button");
  if (problem) problem.hidden = true;
  if (button) button.disabled = true;
  try {
    const options = JSON.parse(part.dataset["passkeyOptions"] ?? "{}") as Given;
    const made = part.dataset["passkey"] === "make" ? await make(options) : await prove(options);
    answer.value = JSON.stringify(made);
  } catch {
    if (problem) problem.hidden = false;
    return;
  } finally {
    if (button) button.disabled = false;
  }
  form.requestSubmit();
}

async function make(options: Given): Promise<Given> {
  const user = options["user"] as Given;
  const publicKey = {
    ...options,
    challenge: bytes(options["challenge"]),
    user: { ...user, id: bytes(user["id"]) },
    excludeCredentials: known(options["excludeCredentials"]),
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  return told(made, {
    clientDataJSON: text(response.clientDataJSON),
    attestationObject: text(response.attestationObject),
  });
}

async function prove(options: Given): Promise<Given> {
  const publicKey = {
    ...options,
    challenge: bytes(options["challenge"]),
    allowCredentials: known(options["allowCredentials"]),
  } as unknown as PublicKeyCredentialRequestOptions;
  const made = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAssertionResponse;
  return told(made, {
    clientDataJSON: text(response.clientDataJSON),
    authenticatorData: text(response.authenticatorData),
    signature: text(response.signature),
  });
}

function told(made: PublicKeyCredential, response: Given): Given {
  return { id: made.id, rawId: text(made.rawId), type: made.type, response };
}

function known(list: unknown): Given[] {
  return ((list ?? []) as Given[]).map((one) => ({ ...one, id: bytes(one["id"]) }));
}

function bytes(given: unknown): Uint8Array<ArrayBuffer> {
  const plain = String(given).replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(plain), (sign) => sign.charCodeAt(0));
}

function text(buffer: ArrayBuffer): string {
  const plain = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
