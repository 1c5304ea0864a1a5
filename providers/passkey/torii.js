// Passkeys in the browser, for the routes of Torii. A method that fails throws a ToriiError, whose code says what to
// tell the person.

/**
 * @typedef {{id: string, email: string, name: string|null, [field: string]: unknown}} User
 * @typedef {{id: string, user_id: string, expires_at: string, [field: string]: unknown}} Session
 * @typedef {{user: User, session: Session, return_to?: string}} Opened
 * @typedef {{id: string, name: string, provider: string, created_at: string, last_used_at: string|null,
 *   synced: boolean, transports: string[], [field: string]: unknown}} Passkey
 */

/** @returns {boolean} whether passkeys can be used here: the page is secure and the browser knows them */
export function supported() {
  return globalThis.isSecureContext !== false && typeof PublicKeyCredential === "function"
    && typeof globalThis.navigator?.credentials?.create === "function";
}

/** @returns {Promise<boolean>} whether the browser can offer passkeys in the list below an input field */
export async function autofillSupported() {
  if (!supported()) return false;
  try {
    const known = (await PublicKeyCredential.getClientCapabilities?.())?.conditionalGet;
    return (known ?? await PublicKeyCredential.isConditionalMediationAvailable?.()) === true;
  } catch {
    return false;
  }
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

function encode(buffer) {
  const bytes = ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength) : new Uint8Array(buffer);
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const n = bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2]; // what is not there counts as 0
    text += alphabet[n >> 18] + alphabet[n >> 12 & 63] + alphabet[n >> 6 & 63] + alphabet[n & 63];
  }
  return text.slice(0, Math.ceil(bytes.length * 4 / 3));
}

function decode(text) {
  const bytes = new Uint8Array(Math.floor(text.length * 3 / 4));
  let bits = 0, have = 0, at = 0;
  for (const c of text) {
    const value = alphabet.indexOf(c);
    if (value < 0) throw new TypeError("not base64url");
    bits = (bits << 6 | value) & 0xffff;
    have += 6;
    if (have >= 8) bytes[at++] = bits >> (have -= 8) & 255;
  }
  return bytes.buffer;
}

const descriptors = (list) => list?.map((c) => ({ ...c, id: decode(c.id) }));

/**
 * The publicKey of a begin answer, as navigator.credentials.create takes it.
 * @param {object} publicKey extensions with buffers need a browser that has a parser itself
 * @returns {PublicKeyCredentialCreationOptions}
 */
export function parseCreationOptions(publicKey) {
  const { challenge, user, excludeCredentials } = publicKey;
  return globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON?.(publicKey) ?? {
    ...publicKey,
    challenge: decode(challenge),
    user: { ...user, id: decode(user.id) },
    excludeCredentials: descriptors(excludeCredentials),
  };
}

/**
 * The same for navigator.credentials.get.
 * @param {object} publicKey @returns {PublicKeyCredentialRequestOptions}
 */
export function parseRequestOptions(publicKey) {
  const { challenge, allowCredentials } = publicKey;
  return globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON?.(publicKey) ?? {
    ...publicKey,
    challenge: decode(challenge),
    allowCredentials: descriptors(allowCredentials),
  };
}

function tried(read) {
  try {
    return read() ?? undefined;
  } catch { /* "Illegal invocation": an extension borrowed a prototype */ }
}

/** Base64url in place of every buffer in a value. */
function plain(value) {
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return encode(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

/**
 * What the finish routes take. By hand, where an extension's toJSON throws or leaves out what matters.
 * @param {PublicKeyCredential} credential
 * @returns {{id: string, rawId: string, type: string, response: object, [member: string]: unknown}}
 */
export function toJSON(credential) {
  const own = tried(() => credential.toJSON());
  const { clientDataJSON, attestationObject, signature } = own?.response ?? {};
  if ([own?.id, clientDataJSON, attestationObject ?? signature].every((text) => typeof text === "string")) return own;
  const { response } = credential;
  const made = tried(() => response.attestationObject) !== undefined;
  const rawId = encode(credential.rawId);
  return {
    id: tried(() => credential.id) ?? rawId,
    rawId,
    type: tried(() => credential.type) ?? "public-key",
    authenticatorAttachment: tried(() => credential.authenticatorAttachment),
    clientExtensionResults: plain(tried(() => credential.getClientExtensionResults()) ?? {}),
    response: plain(made ? {
      clientDataJSON: response.clientDataJSON,
      attestationObject: response.attestationObject,
      authenticatorData: tried(() => response.getAuthenticatorData()),
      transports: tried(() => response.getTransports()) ?? [],
      publicKey: tried(() => response.getPublicKey()),
      publicKeyAlgorithm: tried(() => response.getPublicKeyAlgorithm()),
    } : {
      clientDataJSON: response.clientDataJSON,
      authenticatorData: response.authenticatorData,
      signature: response.signature,
      userHandle: tried(() => response.userHandle),
    }),
  };
}

const texts = {
  cancelled: "The request was closed or timed out.",
  aborted: "The request was stopped.",
  exists: "This device has a passkey already.",
  unsupported: "Passkeys cannot be used here.",
  insecure: "Passkeys cannot be used at this address.",
  network: "The site could not be reached.",
  unknown: "Something went wrong.",
};

const browserCodes = new Map([
  ["NotAllowedError", "cancelled"],
  ["AbortError", "aborted"],
  ["InvalidStateError", "exists"],
  ["NotSupportedError", "unsupported"],
  ["ConstraintError", "unsupported"], // nothing at hand can verify the person, or keep a passkey
  ["SecurityError", "insecure"],
]);

/**
 * Why something failed. code is the answer's ("invalid_credentials", "step_up_required" …), or of the browser:
 * "cancelled" (closed, or timed out), "aborted" (by a signal or a later request), "exists" (this device has a passkey
 * already), "unsupported" (no passkeys here), "insecure" (wrong domain), "network" (no answer), "unknown".
 */
export class ToriiError extends Error {
  /**
   * @param {string} code
   * @param {{message?: string, status?: number, fields?: Record<string, string>, methods?: string[],
   *   retryAfter?: number, cause?: unknown}} [more] status: of the answer; fields: codes by name; methods: what
   *   another step can continue with; retryAfter: seconds to wait; cause: what was thrown
   */
  constructor(code, { message, status, fields, methods, retryAfter, cause } = {}) {
    super(message ?? texts[code] ?? code, { cause });
    this.name = "ToriiError";
    this.code = code;
    this.status = status;
    this.fields = fields;
    this.methods = methods;
    this.retryAfter = retryAfter;
  }
}

/** Tells the keeper of passkeys what the site knows. Nothing depends on it. */
async function tell(method, payload) {
  try {
    if (payload) await PublicKeyCredential[method]?.(payload);
  } catch { /* it may not want to */ }
}

let open; // the page's request for a passkey: there can be one

/** Runs work in place of what is open; what waits in an input field does not stop a dialog. */
async function alone(signal, waits, work) {
  const before = open;
  if (signal?.aborted || (waits && before?.waits === false)) throw new ToriiError("aborted", { cause: signal?.reason });
  const controller = new AbortController();
  const stop = () => controller.abort();
  let finished;
  const mine = open = { stop, waits, done: new Promise((resolve) => { finished = resolve; }) };
  signal?.addEventListener("abort", stop);
  try {
    before?.stop();
    // Browsers refuse a request before the last has ended; some extensions never end one.
    if (before) await Promise.race([before.done, new Promise((resolve) => { setTimeout(resolve, 500); })]);
    if (controller.signal.aborted) throw new ToriiError("aborted", { cause: signal?.reason });
    return await work(controller.signal);
  } catch (error) {
    if (error instanceof ToriiError) throw error;
    const code = controller.signal.aborted ? "aborted" : browserCodes.get(error?.name) ?? "unknown";
    throw new ToriiError(code, { cause: error });
  } finally {
    signal?.removeEventListener("abort", stop);
    if (open === mine) open = undefined;
    finished();
  }
}

async function ask(verb, options) {
  const credential = await navigator.credentials[verb](options);
  if (options.signal.aborted) throw new ToriiError("aborted"); // asked an extension that does not listen
  if (!credential) throw new ToriiError("cancelled");
  return toJSON(credential);
}

/**
 * Keeps a request in the input field until somebody picks a passkey. Before its challenge expires a new one takes
 * its place; a page that nobody sees, or without a network, waits with that.
 */
async function untilPicked(begin, signal) {
  for (;;) {
    const publicKey = await begin();
    // Not one long timer: a laptop's lid stops those, but not the server's clock.
    const stale = Date.now() + 0.8 * (publicKey.timeout > 0 ? publicKey.timeout : 300_000);
    const round = new AbortController();
    const stop = () => round.abort();
    const timer = setInterval(() => {
      if (Date.now() >= stale && !globalThis.document?.hidden && navigator.onLine !== false) stop();
    }, 15_000);
    signal.addEventListener("abort", stop);
    try {
      if (signal.aborted) stop();
      const options = { publicKey: parseRequestOptions(publicKey), mediation: "conditional", signal: round.signal };
      return await ask("get", options);
    } catch (error) {
      if (signal.aborted || !round.signal.aborted) throw error;
    } finally {
      clearInterval(timer);
      signal.removeEventListener("abort", stop);
    }
  }
}

/**
 * The routes of one site. A signal counts until the browser has handed out a passkey. A page has one request for a
 * passkey open: a later one stops an earlier one, which fails with "aborted"; autofill() does not stop a dialog, but
 * fails itself.
 */
export class Torii {
  #path;
  #fetch;

  /** @param {{path?: string, fetch?: typeof globalThis.fetch}} [options] path: where Torii is mounted */
  constructor({ path = "/auth", fetch = globalThis.fetch } = {}) {
    this.#path = path.replace(/\/+$/, "");
    this.#fetch = fetch;
  }

  /**
   * @param {{name?: string, signal?: AbortSignal}} [options] name: what the person calls it
   * @returns {Promise<Passkey>} added to the account that is signed in
   */
  async addPasskey({ name, signal } = {}) {
    const { passkey } = await this.#register({}, { name }, signal);
    await this.#tellAll();
    return passkey;
  }

  /**
   * Makes an account with a passkey. Where addresses are verified, a mail goes out first: {status: "check_email"}.
   * @param {{email: string, name?: string, signal?: AbortSignal, [field: string]: unknown}} account
   * @returns {Promise<Opened|{status: "check_email"}>}
   */
  async signUp({ signal, ...account }) {
    return this.#register(account, {}, signal);
  }

  /**
   * Signs in by a dialog of the browser. Call it from a click.
   * @param {{signal?: AbortSignal}} [options] @returns {Promise<Opened>}
   */
  async signIn({ signal } = {}) {
    return this.#send("POST", "/passkey/login/finish", await this.#get("/passkey/login/begin", signal));
  }

  /**
   * Signs in who picks a passkey in an <input autocomplete="username webauthn">; waits for that as long as the page
   * is there. Call it when the page opens, and again after a dialog that was closed.
   * @param {{signal?: AbortSignal}} [options]
   * @returns {Promise<Opened|undefined>} undefined where the browser cannot
   */
  async autofill({ signal } = {}) {
    if (!await autofillSupported()) return undefined;
    const credential = await alone(signal, true, (stop) =>
      untilPicked(async () => (await this.#send("POST", "/passkey/login/begin", {}, stop)).publicKey, stop));
    return this.#send("POST", "/passkey/login/finish", credential);
  }

  /**
   * Proves again who is signed in, after "step_up_required".
   * @param {{signal?: AbortSignal}} [options] @returns {Promise<{session: Session}>}
   */
  async stepUp({ signal } = {}) {
    return this.#send("POST", "/step-up", { passkey: await this.#get("/passkey/step-up/begin", signal) });
  }

  /** @returns {Promise<Passkey[]>} the passkeys of who is signed in */
  async passkeys() {
    return (await this.#send("GET", "/passkeys")).passkeys;
  }

  /** @param {string} id @param {string} name @returns {Promise<Passkey|undefined>} as the answer has it */
  async renamePasskey(id, name) {
    const answer = await this.#send("PATCH", "/passkeys/" + encodeURIComponent(id), { name });
    await this.#tellAll();
    return answer.passkey;
  }

  /** @param {string} id @returns {Promise<void>} */
  async deletePasskey(id) {
    const before = await this.#signals();
    await this.#send("DELETE", "/passkeys/" + encodeURIComponent(id));
    await this.#tellAll(before);
  }

  async #get(begin, signal) {
    if (!supported()) throw new ToriiError("unsupported");
    return alone(signal, false, async (stop) => {
      const { publicKey } = await this.#send("POST", begin, {}, stop);
      return ask("get", { publicKey: parseRequestOptions(publicKey), signal: stop });
    });
  }

  async #register(account, more, signal) {
    if (!supported()) throw new ToriiError("unsupported");
    let rpId;
    const credential = await alone(signal, false, async (stop) => {
      const { publicKey } = await this.#send("POST", "/passkey/register/begin", account, stop);
      rpId = publicKey.rp.id;
      return ask("create", { publicKey: parseCreationOptions(publicKey), signal: stop });
    });
    try {
      return await this.#send("POST", "/passkey/register/finish", { ...credential, ...more });
    } catch (error) {
      // Only what was refused for good: a passkey that its keeper alone forgets locks a person out.
      const kept = ["credential_taken", "profile_required", "unknown"].includes(error.code) || error.methods;
      if (error.status >= 400 && error.status < 500 && !kept) {
        await tell("signalUnknownCredential", { rpId, credentialId: credential.id });
      }
      throw error;
    }
  }

  async #signals() {
    const { signalAllAcceptedCredentials, signalCurrentUserDetails } = globalThis.PublicKeyCredential ?? {};
    if (!signalAllAcceptedCredentials && !signalCurrentUserDetails) return undefined;
    return (await this.#send("GET", "/passkeys").catch(() => ({}))).signals;
  }

  async #tellAll(before) {
    const now = await this.#signals();
    // With the last passkey the site may forget what its keeper knows the person as.
    const userId = before?.allAcceptedCredentials?.userId;
    const all = now?.allAcceptedCredentials;
    await tell("signalAllAcceptedCredentials", all && { ...all, ...(userId && { userId }) });
    await tell("signalCurrentUserDetails", now?.currentUserDetails);
  }

  async #send(method, path, body, signal) {
    const fetch = this.#fetch; // the window's own wants to be called without an object
    const headers = { Accept: "application/json", ...(body && { "Content-Type": "application/json" }) };
    let response, text;
    try {
      response = await fetch(this.#path + path, {
        method, headers, signal, credentials: "same-origin", body: body && JSON.stringify(body),
      });
      text = await response.text();
    } catch (cause) {
      throw new ToriiError(signal?.aborted ? "aborted" : "network", { cause });
    }
    let answer, cause;
    try {
      answer = JSON.parse(text || "{}");
    } catch (error) { // a proxy's page
      cause = error;
    }
    if (response.ok && !cause) return answer;
    const { error, fields, methods } = answer ?? {};
    const { code = "unknown", message } = error ?? {};
    const seconds = Number(response.headers.get("Retry-After")) || undefined;
    await tell("signalUnknownCredential", answer?.signals?.unknownCredential);
    throw new ToriiError(code, { message, status: response.status, fields, methods, retryAfter: seconds, cause });
  }
}
