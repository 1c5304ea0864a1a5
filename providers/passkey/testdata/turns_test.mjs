// Whose request is open, and for how long.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { created, creationJSON, page, pending, refusal, requestJSON, settled, site, torii, used, usedJSON } from "./page.mjs";

const { Torii, ToriiError } = torii;
const opened = { user: { id: "u1" }, session: { id: "s1" } };

let now, timers;
const real = { now: Date.now, setInterval, clearInterval };
beforeEach(() => {
  now = 1_700_000_000_000;
  timers = new Map();
  Date.now = () => now;
  globalThis.setInterval = (fn, every) => { const id = {}; timers.set(id, { fn, every }); return id; };
  globalThis.clearInterval = (id) => timers.delete(id);
});
afterEach(() => {
  Date.now = real.now;
  Object.assign(globalThis, { setInterval: real.setInterval, clearInterval: real.clearInterval });
});

/** Lets time pass as a browser does: its timers run every so often, not while a lid is closed. */
async function pass(ms) {
  now += ms;
  for (const { fn } of [...timers.values()]) fn();
  await settled();
}

/** A page whose requests stay open until they are picked or stopped. */
function waiting(more = {}) {
  const open = [];
  const hold = (options) => {
    const p = pending(options);
    open.push({ ...p, options });
    return p.promise;
  };
  return { open, ...page({ create: hold, get: hold, ...more }) };
}

function routes() {
  let n = 20;
  return {
    "POST /auth/passkey/login/begin": () => ({ publicKey: requestJSON(n++) }),
    "POST /auth/passkey/login/finish": opened,
    "POST /auth/passkey/register/begin": { publicKey: creationJSON() },
    "POST /auth/passkey/register/finish": { passkey: {} },
    "POST /auth/passkey/step-up/begin": { publicKey: requestJSON() },
    "POST /auth/step-up": opened, "GET /auth/passkeys": { passkeys: [] },
  };
}
const challenges = (open) => open.map(({ options }) => Buffer.from(options.publicKey.challenge).toString("base64url"));
const code = (promise) => promise.then(() => "done", (e) => { assert.ok(e instanceof ToriiError, String(e?.stack)); return e.code; });

test("autofill waits in the input field, and signs in who picks a passkey", async () => {
  const { open } = waiting();
  const s = site(routes());
  const done = new Torii({ fetch: s.fetch }).autofill();
  await settled();
  assert.equal(open[0].options.mediation, "conditional");
  assert.deepEqual(s.calls, ["POST /auth/passkey/login/begin"]);
  open[0].resolve(used());
  assert.deepEqual(await done, opened);
  assert.deepEqual(s.sent, [{}, usedJSON()]);
  assert.equal(timers.size, 0);
});

test("autofill takes a new challenge before the old expires, again and again", async () => {
  const { open } = waiting();
  const s = site(routes());
  const done = new Torii({ fetch: s.fetch }).autofill();
  await settled();
  await pass(239_000);
  assert.equal(open.length, 1, "before its time");
  await pass(2_000);
  assert.equal(open.length, 2, "after 241 seconds of 300");
  assert.ok(open[0].options.signal.aborted);
  await pass(600_000); // asleep
  assert.equal(open.length, 3);
  assert.equal(new Set(challenges(open)).size, 3);
  open[2].resolve(used());
  assert.deepEqual(await done, opened);
  assert.equal(timers.size, 0);
  assert.equal(s.calls.filter((c) => c.endsWith("/finish")).length, 1);
});

test("autofill goes by the lifetime that the site says", async () => {
  const { open } = waiting();
  const s = site({ ...routes(), "POST /auth/passkey/login/begin": () => ({ publicKey: { ...requestJSON(), timeout: 60_000 } }) });
  const stop = new AbortController();
  const done = code(new Torii({ fetch: s.fetch }).autofill({ signal: stop.signal }));
  await settled();
  await pass(47_000);
  assert.equal(open.length, 1);
  await pass(2_000);
  assert.equal(open.length, 2);
  stop.abort();
  assert.equal(await done, "aborted");
});

test("autofill looks at the clock often enough", async () => {
  waiting();
  const stop = new AbortController();
  const done = code(new Torii({ fetch: site(routes()).fetch }).autofill({ signal: stop.signal }));
  await settled();
  assert.ok([...timers.values()].every(({ every }) => every >= 1_000 && every <= 30_000));
  assert.equal(timers.size, 1);
  stop.abort();
  assert.equal(await done, "aborted");
});

test("a page that nobody sees, or without a network, asks for nothing", async () => {
  const document = { hidden: true };
  const { open } = waiting({ document });
  const s = site(routes());
  const done = new Torii({ fetch: s.fetch }).autofill();
  await settled();
  await pass(3_600_000);
  document.hidden = false;
  globalThis.navigator.onLine = false;
  await pass(15_000);
  assert.deepEqual([open.length, s.calls.length], [1, 1]);
  globalThis.navigator.onLine = true;
  await pass(15_000);
  assert.deepEqual([open.length, s.calls.length], [2, 2]);
  open[1].resolve(used());
  assert.deepEqual(await done, opened);
});

test("a new challenge that is refused ends autofill", async () => {
  waiting();
  let n = 0;
  const s = site({ ...routes(), "POST /auth/passkey/login/begin": () => (n++ ? refusal(429, "too_many_attempts") : { publicKey: requestJSON() }) });
  const done = code(new Torii({ fetch: s.fetch }).autofill());
  await settled();
  await pass(300_000);
  assert.equal(await done, "too_many_attempts");
  assert.equal(timers.size, 0);
});

for (const [name, call, answer] of [
  ["signIn", (t) => t.signIn(), used], ["stepUp", (t) => t.stepUp(), used],
  ["addPasskey", (t) => t.addPasskey(), created], ["signUp", (t) => t.signUp({ email: "a@b.c" }), created],
]) {
  test(`${name} stops autofill first, of any Torii of the page`, async () => {
    const { open } = waiting();
    const s = site(routes());
    const filling = code(new Torii({ fetch: s.fetch }).autofill());
    await settled();
    const done = call(new Torii({ fetch: s.fetch }));
    assert.equal(await filling, "aborted");
    await settled();
    assert.equal(open.length, 2);
    assert.ok(open[0].options.signal.aborted);
    assert.ok(!open[1].options.signal.aborted);
    open[1].resolve(answer());
    await done;
    assert.equal(timers.size, 0);
    assert.equal(s.calls.filter((c) => c.endsWith("login/begin")).length, name === "signIn" ? 2 : 1, "autofill went on");
  });
}

test("the browser is not asked before the last request has ended", async () => {
  const ended = [];
  let asked = 0;
  page({ get: (options) => {
    if (asked++) {
      assert.deepEqual(ended, ["first"]);
      return used();
    }
    return new Promise((_, reject) => {
      options.signal.addEventListener("abort", () => setTimeout(() => { ended.push("first"); reject(options.signal.reason); }, 50));
    });
  } });
  const t = new Torii({ fetch: site(routes()).fetch });
  const filling = code(t.autofill());
  await settled();
  assert.deepEqual(await t.signIn(), opened);
  assert.equal(await filling, "aborted");
});

test("an extension that does not listen holds nobody up, and what it says later is not used", async () => {
  const late = [];
  let asked = 0;
  page({ get: () => (asked++ ? used() : new Promise((resolve) => { late.push(resolve); })) });
  const s = site(routes());
  const t = new Torii({ fetch: s.fetch });
  const filling = code(t.autofill());
  await settled();
  assert.deepEqual(await t.signIn(), opened);
  late[0](used());
  assert.equal(await filling, "aborted");
  assert.equal(s.calls.filter((c) => c.endsWith("/finish")).length, 1);
});

test("of two dialogs the later is there; of three, the last", async () => {
  const { open } = waiting();
  const s = site(routes());
  const t = new Torii({ fetch: s.fetch });
  const first = code(t.signIn()), second = code(t.signIn()), third = t.signIn();
  assert.equal(await first, "aborted");
  assert.equal(await second, "aborted");
  await settled();
  const last = open.filter(({ options }) => !options.signal.aborted);
  assert.equal(last.length, 1);
  last[0].resolve(used());
  assert.deepEqual(await third, opened);
  assert.equal(s.calls.filter((c) => c.endsWith("/begin")).length, 2, "the second had not begun");
});

test("who was stopped does not give up another's turn", async () => {
  const { open } = waiting();
  const t = new Torii({ fetch: site(routes()).fetch });
  const first = code(t.signIn());
  await settled();
  const second = code(t.signIn());
  assert.equal(await first, "aborted");
  await settled();
  const third = t.signIn();
  assert.equal(await second, "aborted");
  await settled();
  open[2].resolve(used());
  assert.deepEqual(await third, opened);
});

test("a browser that calls a stopped request closed is understood", async () => {
  page({ get: (options) => new Promise((_, reject) => {
    options.signal.addEventListener("abort", () => reject(new DOMException("closed", "NotAllowedError")));
  }) });
  for (const call of ["signIn", "autofill"]) {
    const stop = new AbortController();
    const done = code(new Torii({ fetch: site(routes()).fetch })[call]({ signal: stop.signal }));
    await settled();
    stop.abort();
    assert.equal(await done, "aborted");
  }
});

test("autofill does not stop a dialog", async () => {
  const { open } = waiting();
  const s = site(routes());
  const t = new Torii({ fetch: s.fetch });
  const done = t.signIn();
  await settled();
  assert.equal(await code(t.autofill()), "aborted");
  assert.ok(!open[0].options.signal.aborted);
  open[0].resolve(used());
  assert.deepEqual(await done, opened);
});

test("after a dialog was closed, autofill can wait again", async () => {
  const { open } = waiting();
  const t = new Torii({ fetch: site(routes()).fetch });
  const closed = code(t.signIn());
  await settled();
  open[0].reject(new DOMException("closed", "NotAllowedError"));
  assert.equal(await closed, "cancelled");
  const filling = t.autofill();
  await settled();
  open[1].resolve(used());
  assert.deepEqual(await filling, opened);
});

test("a later autofill takes the place of an earlier", async () => {
  const { open } = waiting();
  const t = new Torii({ fetch: site(routes()).fetch });
  const first = code(t.autofill());
  await settled();
  const second = t.autofill();
  assert.equal(await first, "aborted");
  await settled();
  open[1].resolve(used());
  assert.deepEqual(await second, opened);
});

for (const call of ["signIn", "autofill", "stepUp", "addPasskey", "signUp"]) {
  test(`a signal stops ${call}, whatever its reason`, async () => {
    for (const reason of [undefined, new Error("the page has changed")]) {
      const { open } = waiting();
      const stop = new AbortController();
      const done = code(new Torii({ fetch: site(routes()).fetch })[call]({ email: "a@b.c", signal: stop.signal }));
      await settled();
      assert.equal(open.length, 1);
      stop.abort(reason);
      assert.equal(await done, "aborted");
      assert.ok(open[0].options.signal.aborted);
    }
  });
}

test("a signal stops a request to the site", async () => {
  waiting();
  const stop = new AbortController();
  const hang = (_, init) => new Promise((_, reject) => { init.signal.addEventListener("abort", () => reject(init.signal.reason)); });
  const done = code(new Torii({ fetch: site({ "POST /auth/passkey/login/begin": hang }).fetch }).signIn({ signal: stop.signal }));
  await settled();
  stop.abort();
  assert.equal(await done, "aborted");
});

test("a signal that is aborted already asks for nothing and stops nobody", async () => {
  const { open } = waiting();
  const s = site(routes());
  const t = new Torii({ fetch: s.fetch });
  const filling = t.autofill();
  await settled();
  const reason = new Error("too late");
  await t.signIn({ signal: AbortSignal.abort(reason) }).then(() => assert.fail(), (e) => {
    assert.equal(e.code, "aborted");
    assert.equal(e.cause, reason);
  });
  assert.equal(s.calls.length, 1);
  open[0].resolve(used());
  assert.deepEqual(await filling, opened);
});

test("what the browser has handed out is sent, whatever is stopped then", async () => {
  const stop = new AbortController();
  page();
  const s = site({ ...routes(), "POST /auth/passkey/login/finish": (_, init) => { stop.abort(); assert.equal(init.signal, undefined); return opened; } });
  assert.deepEqual(await new Torii({ fetch: s.fetch }).signIn({ signal: stop.signal }), opened);
});
