import assert from "node:assert/strict";
import { test } from "node:test";
import { b64, buffer, bytes, created, createdJSON, creation, creationJSON, page, requestJSON, torii, used, usedJSON } from "./page.mjs";

const { parseCreationOptions, parseRequestOptions, toJSON, supported, autofillSupported } = torii;
const sent = (value) => JSON.parse(JSON.stringify(value)); // as it goes over the wire

test("base64url is Node's, both ways, at every length", () => {
  page();
  for (const n of [...Array(70).keys(), 255, 256, 257, 100_000, 100_001, 100_002]) {
    const data = bytes(n, n);
    const options = parseRequestOptions({ challenge: b64(data) });
    assert.ok(options.challenge instanceof ArrayBuffer);
    assert.deepEqual(Buffer.from(options.challenge), Buffer.from(data), `decoding ${n} bytes`);
    assert.equal(toJSON({ ...used(), id: undefined, rawId: buffer(data) }).id, b64(data), `encoding ${n} bytes`);
  }
});

test("a view is encoded as what it shows", () => {
  page();
  const all = bytes(40);
  const view = new Uint8Array(all.buffer, 5, 20);
  assert.equal(toJSON({ ...used(), rawId: view }).rawId, b64(all.subarray(5, 25)));
  assert.equal(toJSON({ ...used(), rawId: new DataView(all.buffer, 3, 7) }).rawId, b64(all.subarray(3, 10)));
});

test("what is not base64url is refused", () => {
  page();
  for (const text of ["ab+d", "ab/d", "ab==", "a b", "é"]) {
    assert.throws(() => parseRequestOptions({ challenge: text }), TypeError, text);
  }
});

test("creation options by hand are the browser's", () => {
  page();
  assert.deepEqual(parseCreationOptions(creationJSON()), creation());
  const { excludeCredentials, ...bare } = creationJSON();
  assert.equal(parseCreationOptions(bare).excludeCredentials, undefined);
});

test("request options by hand are the browser's", () => {
  page();
  const json = { ...requestJSON(), allowCredentials: [{ type: "public-key", id: b64(bytes(21)), transports: ["hybrid"] }] };
  assert.deepEqual(parseRequestOptions(json), {
    ...json, challenge: buffer(bytes(32, 12)),
    allowCredentials: [{ type: "public-key", id: buffer(bytes(21)), transports: ["hybrid"] }],
  });
});

test("the browser's own parsers are taken, with their receiver", () => {
  function parser(options) {
    assert.equal(this, globalThis.PublicKeyCredential);
    return { parsed: options };
  }
  page({ statics: { parseCreationOptionsFromJSON: parser, parseRequestOptionsFromJSON: parser } });
  assert.deepEqual(parseCreationOptions(creationJSON()), { parsed: creationJSON() });
  assert.deepEqual(parseRequestOptions(requestJSON()), { parsed: requestJSON() });
});

test("a new credential by hand is the browser's", () => assert.deepEqual(sent(toJSON(created())), createdJSON()));

test("a used credential by hand is the browser's", () => assert.deepEqual(sent(toJSON(used())), usedJSON()));

test("a used credential without a user handle has none", () => {
  const { userHandle, ...response } = usedJSON().response;
  const credential = used();
  credential.response.userHandle = null;
  assert.deepEqual(sent(toJSON(credential)).response, response);
});

test("buffers in the results of extensions are encoded", () => {
  const credential = { ...used(), getClientExtensionResults: () => ({ largeBlob: { blob: buffer(bytes(9)), view: bytes(5) }, list: [1, null, "x"] }) };
  assert.deepEqual(toJSON(credential).clientExtensionResults, { largeBlob: { blob: b64(bytes(9)), view: b64(bytes(5)) }, list: [1, null, "x"] });
});

test("the browser's own toJSON is taken", () => {
  for (const json of [{ ...createdJSON(), own: true }, { ...usedJSON(), own: true }]) {
    assert.equal(toJSON({ ...created(), toJSON: () => json }), json);
  }
});

const invocation = () => { throw new TypeError("Illegal invocation"); };

for (const [name, own] of Object.entries({
  "that throws": invocation,
  "of nothing": () => undefined,
  "of an empty object": () => ({}),
  "with buffers": () => ({ ...createdJSON(), response: created().response }),
  "without an id": () => ({ ...createdJSON(), id: undefined }),
  "without client data": () => ({ ...createdJSON(), response: { attestationObject: "AA" } }),
  "without a proof": () => ({ ...createdJSON(), response: { clientDataJSON: "AA" } }),
})) {
  test(`an extension's toJSON ${name} is replaced`, () => {
    assert.deepEqual(sent(toJSON({ ...created(), toJSON: own })), createdJSON());
    assert.deepEqual(sent(toJSON({ ...used(), toJSON: own === invocation ? own : () => ({}) })), usedJSON());
  });
}

test("getters that an extension has borrowed cost only what they would tell", () => {
  const credential = { ...created(), toJSON: invocation, getClientExtensionResults: invocation };
  Object.defineProperty(credential, "authenticatorAttachment", { get: invocation });
  Object.assign(credential.response, {
    getAuthenticatorData: invocation, getTransports: invocation, getPublicKey: invocation, getPublicKeyAlgorithm: invocation,
  });
  const { clientDataJSON, attestationObject } = createdJSON().response;
  assert.deepEqual(sent(toJSON(credential)), {
    id: createdJSON().id, rawId: createdJSON().rawId, type: "public-key", clientExtensionResults: {},
    response: { clientDataJSON, attestationObject, transports: [] },
  });
  const assertion = { ...used(), toJSON: invocation };
  Object.defineProperty(assertion.response, "attestationObject", { get: invocation });
  assert.deepEqual(sent(toJSON(assertion)), usedJSON());
});

test("passkeys are supported in a secure page of a browser that knows them", () => {
  page();
  assert.equal(supported(), true);
  globalThis.isSecureContext = false;
  assert.equal(supported(), false);
  page({ navigator: { credentials: {} } });
  assert.equal(supported(), false);
  page({ navigator: { credentials: undefined } });
  assert.equal(supported(), false);
  page();
  delete globalThis.PublicKeyCredential;
  assert.equal(supported(), false);
  delete globalThis.navigator;
  assert.equal(supported(), false);
});

test("autofill is supported where the browser says so, in either way", async () => {
  const yes = async () => true, no = async () => false;
  for (const [statics, want] of [
    [{ isConditionalMediationAvailable: yes }, true],
    [{ isConditionalMediationAvailable: no }, false],
    [{ isConditionalMediationAvailable: undefined }, false],
    [{ isConditionalMediationAvailable: no, getClientCapabilities: async () => ({ conditionalGet: true }) }, true],
    [{ isConditionalMediationAvailable: yes, getClientCapabilities: async () => ({ conditionalGet: false }) }, false],
    [{ isConditionalMediationAvailable: yes, getClientCapabilities: async () => ({}) }, true],
    [{ isConditionalMediationAvailable: async () => { throw new Error("no"); } }, false],
  ]) {
    page({ statics });
    assert.equal(await autofillSupported(), want, Object.keys(statics).join());
  }
  page({ statics: { isConditionalMediationAvailable: yes } });
  globalThis.isSecureContext = false;
  assert.equal(await autofillSupported(), false);
});
