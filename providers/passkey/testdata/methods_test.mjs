import assert from "node:assert/strict";
import { test } from "node:test";
import { createdJSON, creation, creationJSON, domError, page, refusal, requestJSON, site, torii, usedJSON } from "./page.mjs";

const { Torii, ToriiError } = torii;
const opened = { user: { id: "u1" }, session: { id: "s1" }, return_to: "/inbox" };
const passkey = { id: "p1", name: "Phone", provider: "Bitwarden" };
const signals = {
  allAcceptedCredentials: { rpId: "app.example", userId: "dXNlcg", allAcceptedCredentialIds: ["YQ", "Yg"] },
  currentUserDetails: { rpId: "app.example", userId: "dXNlcg", name: "ada@app.example", displayName: "Ada" },
};
const toldAll = [{ signalAllAcceptedCredentials: signals.allAcceptedCredentials }, { signalCurrentUserDetails: signals.currentUserDetails }];
const unknown = { rpId: "app.example", credentialId: createdJSON().id };
const list = { passkeys: [passkey], signals };
const register = { "POST /auth/passkey/register/begin": { publicKey: creationJSON() }, "GET /auth/passkeys": list };
const login = { "POST /auth/passkey/login/begin": { publicKey: requestJSON() }, "POST /auth/passkey/login/finish": opened };

/** The ToriiError that a promise fails with. */
async function failure(promise) {
  const error = await promise.then(() => assert.fail("it did not fail"), (e) => e);
  assert.ok(error instanceof ToriiError, String(error?.stack));
  assert.equal(error.name, "ToriiError");
  return error;
}

test("addPasskey asks, makes, sends, and tells the keepers", async () => {
  const { told, asked } = page();
  const s = site({ ...register, "POST /auth/passkey/register/finish": { passkey } });
  assert.deepEqual(await new Torii({ fetch: s.fetch }).addPasskey({ name: "Phone" }), passkey);
  assert.deepEqual(s.calls, ["POST /auth/passkey/register/begin", "POST /auth/passkey/register/finish", "GET /auth/passkeys"]);
  assert.deepEqual(s.sent, [{}, { ...createdJSON(), name: "Phone" }, undefined]);
  const { signal, ...options } = asked[0];
  assert.deepEqual(options, { publicKey: creation() });
  assert.ok(signal instanceof AbortSignal);
  assert.deepEqual(told, toldAll);
});

test("addPasskey needs no name", async () => {
  page();
  const s = site({ ...register, "POST /auth/passkey/register/finish": { passkey } });
  await new Torii({ fetch: s.fetch }).addPasskey();
  assert.deepEqual(s.sent[1], createdJSON());
});

test("every request is JSON, of this origin only", async () => {
  page();
  const s = site({ ...register, "POST /auth/passkey/register/finish": { passkey } });
  await new Torii({ fetch: s.fetch }).addPasskey();
  for (const init of s.requests) {
    assert.equal(init.credentials, "same-origin");
    assert.equal(init.headers.Accept, "application/json");
    assert.equal(init.headers["Content-Type"], init.body === undefined ? undefined : "application/json");
  }
});

test("signUp sends the account at the beginning and only the passkey at the end", async () => {
  for (const answer of [opened, { status: "check_email" }]) {
    page();
    const s = site({ ...register, "POST /auth/passkey/register/finish": answer });
    assert.deepEqual(await new Torii({ fetch: s.fetch }).signUp({ email: "ada@app.example", name: "Ada", plan: "free" }), answer);
    assert.deepEqual(s.sent, [{ email: "ada@app.example", name: "Ada", plan: "free" }, createdJSON()]);
  }
});

test("signIn begins, asks and finishes", async () => {
  const { asked } = page();
  const s = site(login);
  assert.deepEqual(await new Torii({ fetch: s.fetch }).signIn(), opened);
  assert.deepEqual(s.calls, Object.keys(login));
  assert.deepEqual(s.sent, [{}, usedJSON()]);
  assert.equal("mediation" in asked[0], false);
});

test("stepUp ends at the route of all step-ups", async () => {
  page();
  const s = site({ "POST /auth/passkey/step-up/begin": { publicKey: requestJSON() }, "POST /auth/step-up": { session: { id: "s2" } } });
  assert.deepEqual(await new Torii({ fetch: s.fetch }).stepUp(), { session: { id: "s2" } });
  assert.deepEqual(s.sent, [{}, { passkey: usedJSON() }]);
});

test("passkeys are listed, renamed and deleted, at any path", async () => {
  const { told } = page();
  const s = site({
    "GET /a/b/passkeys": list, "PATCH /a/b/passkeys/p%2F1": { passkey }, "DELETE /a/b/passkeys/p%2F1": undefined,
  });
  const t = new Torii({ path: "/a/b/", fetch: s.fetch });
  assert.deepEqual(await t.passkeys(), [passkey]);
  assert.deepEqual(told, []);
  assert.deepEqual(await t.renamePasskey("p/1", "Key"), passkey);
  assert.deepEqual(told.splice(0), toldAll);
  assert.equal(await t.deletePasskey("p/1"), undefined);
  assert.deepEqual(told, toldAll);
  assert.deepEqual(s.sent, [undefined, { name: "Key" }, undefined, undefined, undefined, undefined]);
});

test("with the last passkey its keeper is told by the name that it knows", async () => {
  const { told } = page();
  const answers = [list, { passkeys: [], signals: { allAcceptedCredentials: { rpId: "a.example", userId: "bmV3", allAcceptedCredentialIds: [] } } }];
  const s = site({ "GET /auth/passkeys": () => answers.shift(), "DELETE /auth/passkeys/p1": undefined });
  await new Torii({ fetch: s.fetch }).deletePasskey("p1");
  const { userId } = list.signals.allAcceptedCredentials;
  assert.deepEqual(told, [{ signalAllAcceptedCredentials: { rpId: "a.example", userId, allAcceptedCredentialIds: [] } }]);
});

test("without a fetch of its own it takes the window's, without an object", async () => {
  page();
  const own = globalThis.fetch;
  const s = site({ "GET /auth/passkeys": list });
  try {
    globalThis.fetch = function (...request) {
      assert.ok(this === undefined || this === globalThis);
      return s.fetch(...request);
    };
    assert.deepEqual(await new Torii().passkeys(), [passkey]);
    assert.deepEqual(await new Torii({ fetch: globalThis.fetch }).passkeys(), [passkey]);
  } finally {
    globalThis.fetch = own;
  }
});

test("browsers without the Signal API are asked for nothing", async () => {
  const { told } = page({ statics: { signalAllAcceptedCredentials: undefined, signalCurrentUserDetails: undefined } });
  const s = site({ "DELETE /auth/passkeys/p1": undefined });
  await new Torii({ fetch: s.fetch }).deletePasskey("p1");
  assert.deepEqual(s.calls, ["DELETE /auth/passkeys/p1"]);
  assert.deepEqual(told, []);
});

test("what goes wrong with signals hurts nobody", async () => {
  const broken = () => { throw new Error("not today"); };
  const { told } = page({ statics: { signalAllAcceptedCredentials: broken } });
  await new Torii({ fetch: site({ "DELETE /auth/passkeys/p1": undefined, "GET /auth/passkeys": list }).fetch }).deletePasskey("p1");
  assert.deepEqual(told, toldAll.slice(1));
  for (const answer of [new TypeError("offline"), refusal(500, "internal"), { passkeys: [] }]) {
    const { told } = page();
    await new Torii({ fetch: site({ "DELETE /auth/passkeys/p1": undefined, "GET /auth/passkeys": answer }).fetch }).deletePasskey("p1");
    assert.deepEqual(told, []);
  }
});

test("a refused sign-in tells the keeper what is unknown", async () => {
  for (const [routes, call] of [
    [{ ...login, "POST /auth/passkey/login/finish": refusal(401, "invalid_credentials", { body: { signals: { unknownCredential: unknown } } }) }, "signIn"],
    [{ ...login, "POST /auth/passkey/login/finish": refusal(401, "invalid_credentials", { body: { signals: { unknownCredential: unknown } } }) }, "autofill"],
  ]) {
    const { told } = page();
    const error = await failure(new Torii({ fetch: site(routes).fetch })[call]());
    assert.equal(error.code, "invalid_credentials");
    assert.deepEqual(told, [{ signalUnknownCredential: unknown }]);
  }
  const { told } = page();
  await failure(new Torii({ fetch: site({ ...login, "POST /auth/passkey/login/finish": refusal(401, "invalid_credentials") }).fetch }).signIn());
  assert.deepEqual(told, []);
});

for (const [name, answer, orphan] of [
  ["refused", refusal(400, "invalid_token"), true],
  ["one too many", refusal(409, "too_many_passkeys"), true],
  ["there already", refusal(409, "credential_taken"), false],
  ["waiting for more of the profile", refusal(401, "profile_required"), false],
  ["waiting for another step", refusal(401, "second_factor_required", { body: { methods: ["totp"] } }), false],
  ["perhaps stored", refusal(500, "internal"), false],
  ["sent to a broken proxy", new Response("<h1>404</h1>", { status: 404 }), false],
  ["sent to nobody", new TypeError("connection reset"), false],
]) {
  test(`the keeper ${orphan ? "forgets" : "keeps"} a new passkey that is ${name}`, async () => {
    for (const call of [(t) => t.addPasskey(), (t) => t.signUp({ email: "ada@app.example" })]) {
      const { told } = page();
      const s = site({ ...register, "POST /auth/passkey/register/finish": () => answer.clone?.() ?? answer });
      await failure(call(new Torii({ fetch: s.fetch })));
      assert.deepEqual(told, orphan ? [{ signalUnknownCredential: unknown }] : []);
    }
  });
}

for (const [name, code] of Object.entries({
  NotAllowedError: "cancelled", AbortError: "aborted", InvalidStateError: "exists", NotSupportedError: "unsupported",
  ConstraintError: "unsupported", SecurityError: "insecure", OperationError: "unknown", UnknownError: "unknown",
})) {
  test(`${name} is ${code}`, async () => {
    const cause = domError(name);
    page({ create: () => { throw cause; }, get: () => { throw cause; } });
    const s = site({ ...register, ...login, "POST /auth/passkey/step-up/begin": { publicKey: requestJSON() } });
    const t = new Torii({ fetch: s.fetch });
    for (const call of [() => t.addPasskey(), () => t.signUp({ email: "a@b.c" }), () => t.signIn(), () => t.autofill(), () => t.stepUp()]) {
      const error = await failure(call());
      assert.equal(error.code, code);
      assert.equal(error.cause, cause);
      assert.equal(error.status, undefined);
      assert.notEqual(error.message, code); // a sentence
    }
    assert.ok(s.calls.every((c) => c.endsWith("/begin")));
  });
}

test("no credential is cancelled", async () => {
  page({ get: () => null });
  assert.equal((await failure(new Torii({ fetch: site(login).fetch }).signIn())).code, "cancelled");
});

test("an answer that cannot be read is unknown, with its cause", async () => {
  page();
  const s = site({ "POST /auth/passkey/login/begin": { publicKey: { challenge: "***" } } });
  const error = await failure(new Torii({ fetch: s.fetch }).signIn());
  assert.equal(error.code, "unknown");
  assert.ok(error.cause instanceof TypeError);
});

test("where there are no passkeys nobody is asked", async () => {
  page();
  delete globalThis.PublicKeyCredential;
  const s = site({});
  const t = new Torii({ fetch: s.fetch });
  for (const call of [() => t.addPasskey(), () => t.signUp({ email: "a@b.c" }), () => t.signIn(), () => t.stepUp()]) {
    assert.equal((await failure(call())).code, "unsupported");
  }
  assert.equal(await t.autofill(), undefined);
  assert.deepEqual(s.calls, []);
});

test("a refusal carries all that the site said", async () => {
  page();
  const fields = { email: "invalid_email" }, methods = ["totp", "passkey"];
  const s = site({
    "POST /auth/passkey/register/begin": refusal(422, "invalid_fields", { body: { fields } }),
    "POST /auth/passkey/login/begin": refusal(429, "too_many_attempts", {}, { "Retry-After": "900" }),
    "POST /auth/passkey/step-up/begin": refusal(401, "second_factor_required", { body: { methods } }),
  });
  const t = new Torii({ fetch: s.fetch });
  const pick = ({ code, message, status, fields, methods, retryAfter }) => ({ code, message, status, fields, methods, retryAfter });
  const none = { fields: undefined, methods: undefined, retryAfter: undefined };
  assert.deepEqual(pick(await failure(t.signUp({ email: "x" }))), { ...none, code: "invalid_fields", message: "No: invalid_fields", status: 422, fields });
  assert.deepEqual(pick(await failure(t.signIn())), { ...none, code: "too_many_attempts", message: "No: too_many_attempts", status: 429, retryAfter: 900 });
  assert.deepEqual(pick(await failure(t.stepUp())), { ...none, code: "second_factor_required", message: "No: second_factor_required", status: 401, methods });
});

test("a network that fails is told from a site that refuses, and nothing is tried twice", async () => {
  page();
  const cause = new TypeError("Failed to fetch");
  const cut = new Response(new ReadableStream({ start: (c) => c.error(cause) }));
  for (const answer of [cause, cut]) {
    const s = site({ "POST /auth/passkey/login/begin": answer });
    const error = await failure(new Torii({ fetch: s.fetch }).signIn());
    assert.equal(error.code, "network");
    assert.equal(error.cause, cause);
    assert.equal(s.calls.length, 1);
  }
});

test("a proxy's page is unknown, and says its status", async () => {
  page();
  for (const status of [200, 404, 503]) {
    const answer = new Response("<html>", { status, headers: { "Retry-After": "7" } });
    const error = await failure(new Torii({ fetch: site({ "GET /auth/passkeys": answer }).fetch }).passkeys());
    assert.equal(error.code, "unknown");
    assert.equal(error.status, status);
    assert.equal(error.retryAfter, 7);
    assert.ok(error.cause instanceof SyntaxError);
  }
});

test("a refusal is read without a body, and with somebody else's", async () => {
  page();
  for (const answer of [new Response(null, { status: 403 }), new Response("{}", { status: 403 }), new Response('{"error":"no"}', { status: 403 })]) {
    const error = await failure(new Torii({ fetch: site({ "GET /auth/passkeys": answer }).fetch }).passkeys());
    assert.equal(error.code, "unknown");
    assert.equal(error.status, 403);
  }
});
