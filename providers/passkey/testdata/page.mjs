// A page to test torii.js on: a browser's passkeys and a site's answers, both made up.
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Node takes a .js file without a package.json for something else than a module. */
async function load() {
  const dir = mkdtempSync(join(tmpdir(), "torii-js-"));
  try {
    const file = join(dir, "torii.mjs");
    copyFileSync(fileURLToPath(new URL("../torii.js", import.meta.url)), file);
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

export const torii = await load();

export const b64 = (bytes) => Buffer.from(bytes).toString("base64url");
export const buffer = (bytes) => Uint8Array.from(bytes).buffer;
export const bytes = (n, seed = 7) => Uint8Array.from({ length: n }, (_, i) => (i * 167 + seed * 31) & 255);
export const domError = (name) => new DOMException("as browsers say it", name);

const rawId = bytes(33, 1);

/** What an authenticator made; the fields that browsers have as getters are own ones here. */
export const created = () => ({
  id: b64(rawId), rawId: buffer(rawId), type: "public-key", authenticatorAttachment: "platform",
  getClientExtensionResults: () => ({ credProps: { rk: true } }),
  response: {
    clientDataJSON: buffer(bytes(100, 2)), attestationObject: buffer(bytes(301, 3)),
    getAuthenticatorData: () => buffer(bytes(164, 4)), getTransports: () => ["internal", "hybrid"],
    getPublicKey: () => buffer(bytes(91, 5)), getPublicKeyAlgorithm: () => -7,
  },
});

export const createdJSON = () => ({
  id: b64(rawId), rawId: b64(rawId), type: "public-key", authenticatorAttachment: "platform",
  clientExtensionResults: { credProps: { rk: true } },
  response: {
    clientDataJSON: b64(bytes(100, 2)), attestationObject: b64(bytes(301, 3)),
    authenticatorData: b64(bytes(164, 4)), transports: ["internal", "hybrid"],
    publicKey: b64(bytes(91, 5)), publicKeyAlgorithm: -7,
  },
});

export const used = () => ({
  id: b64(rawId), rawId: buffer(rawId), type: "public-key", authenticatorAttachment: "cross-platform",
  getClientExtensionResults: () => ({}),
  response: {
    clientDataJSON: buffer(bytes(99, 6)), authenticatorData: buffer(bytes(37, 7)),
    signature: buffer(bytes(70, 8)), userHandle: buffer(bytes(64, 9)),
  },
});

export const usedJSON = () => ({
  id: b64(rawId), rawId: b64(rawId), type: "public-key", authenticatorAttachment: "cross-platform",
  clientExtensionResults: {},
  response: {
    clientDataJSON: b64(bytes(99, 6)), authenticatorData: b64(bytes(37, 7)),
    signature: b64(bytes(70, 8)), userHandle: b64(bytes(64, 9)),
  },
});

export const creationJSON = () => ({
  rp: { id: "app.example", name: "App" },
  user: { id: b64(bytes(64, 9)), name: "ada@app.example", displayName: "Ada" },
  challenge: b64(bytes(32, 10)), timeout: 300000,
  pubKeyCredParams: [{ type: "public-key", alg: -7 }, { type: "public-key", alg: -8 }],
  excludeCredentials: [{ type: "public-key", id: b64(bytes(20, 11)), transports: ["usb"] }],
  authenticatorSelection: { residentKey: "required", userVerification: "required" }, attestation: "none",
});

export const creation = () => ({
  ...creationJSON(), challenge: buffer(bytes(32, 10)),
  user: { ...creationJSON().user, id: buffer(bytes(64, 9)) },
  excludeCredentials: [{ type: "public-key", id: buffer(bytes(20, 11)), transports: ["usb"] }],
});

export const requestJSON = (seed = 12) => ({
  rpId: "app.example", challenge: b64(bytes(32, seed)), timeout: 300000, allowCredentials: [], userVerification: "required",
});

/** A promise of a credential that ends when its signal does, as a browser's. */
export function pending(options) {
  let settle;
  const promise = new Promise((resolve, reject) => {
    settle = { resolve, reject };
    options.signal.addEventListener("abort", () => reject(options.signal.reason));
    if (options.signal.aborted) reject(options.signal.reason);
  });
  return { promise, ...settle };
}

/**
 * Makes the globals of a browser. told are the signals it got, asked the options of its requests.
 * @param {object} more: create and get answer requests; statics are of PublicKeyCredential
 */
export function page({ create = created, get = used, statics = {}, navigator = {}, document } = {}) {
  const told = [], asked = [];
  const note = (method) => async (payload) => { told.push({ [method]: payload }); };
  class PublicKeyCredential {
    static isConditionalMediationAvailable = async () => true;
    static signalUnknownCredential = note("signalUnknownCredential");
    static signalAllAcceptedCredentials = note("signalAllAcceptedCredentials");
    static signalCurrentUserDetails = note("signalCurrentUserDetails");
  }
  Object.assign(PublicKeyCredential, statics);
  const credentials = {
    create: async (options) => { asked.push(options); return create(options); },
    get: async (options) => { asked.push(options); return get(options); },
  };
  const globals = { PublicKeyCredential, navigator: { credentials, onLine: true, ...navigator }, document, isSecureContext: true };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  return { told, asked };
}

export const refusal = (status, code, more = {}, headers = {}) =>
  new Response(JSON.stringify({ error: { code, message: "No: " + code }, ...more.body }), { status, headers });

const reply = (answer) => {
  if (answer instanceof Response || answer instanceof Error) return answer;
  return answer === undefined ? new Response(null, { status: 204 }) : new Response(JSON.stringify(answer), { status: 200 });
};

/**
 * A site by its routes: "POST /auth/…" is an answer, or a function of the body that returns one. calls are those
 * that came, as "METHOD /path"; sent has their bodies; requests what fetch was given.
 */
export function site(routes) {
  const calls = [], sent = [], requests = [];
  const fetch = async (url, init) => {
    const call = `${init.method} ${url}`;
    const body = init.body && JSON.parse(init.body);
    calls.push(call); sent.push(body); requests.push(init);
    if (!(call in routes)) throw new Error("no route: " + call);
    const answer = reply(await (typeof routes[call] === "function" ? routes[call](body, init) : routes[call]));
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { calls, sent, requests, fetch };
}

/** Lets everything that waits for nothing else run. */
export const settled = () => new Promise((resolve) => { setImmediate(resolve); });
