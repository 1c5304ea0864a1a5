// What the pages' passkey buttons do. Each is in a form with data-passkey, which says what it is for, and two live
// regions: role="status" for what is under way, role="alert" for what went wrong. What has been done is told by the
// page that comes next. Without this script, or passkeys, the forms stay hidden.

import { Torii, supported } from "/auth/torii.js";

const torii = new Torii();

/** What to tell a person, by a ToriiError's code; "action code" counts before "code". */
const words = {
  cancelled: "Nothing was done: the request was closed, or it took too long. Try again whenever you like.",
  exists: "This device, or the password manager in it, has a passkey for your account already.",
  unsupported: "Nothing at hand can do this: it takes a device or a password manager that keeps passkeys and asks who you are, by a fingerprint, your face or a PIN.",
  insecure: "Passkeys cannot be used at this address: they belong to ORIGIN. Open the site there.",
  network: "The site could not be reached. See whether you are online, and try again.",
  unknown: "Something went wrong. Please try again.",
  invalid_credentials: "This passkey opens no account here, or not any more. Use another, or sign in another way.",
  "sign-up invalid_credentials": "No account was made. If you have one with this address already, sign in to it.",
  "sign-up credential_taken": "This passkey opens an account already. Sign in with it.",
  credential_taken: "This passkey opens an account already, and can open only one.",
  too_many_passkeys: "Your account has as many passkeys as it can have. Delete one that you do not need.",
  last_sign_in_method: "You could not sign in any more: it is your only way in. Add another passkey, set a password or link an account first.",
  wrong_passkey: "This passkey could not be verified, or it is not one of this account. Try another.",
  "step-up not_found": "Your account has no passkey any more. Show who you are in another way.",
  not_found: "This passkey is not there any more. Load the page again to see those that are.",
  invalid_token: "It took too long, or was finished already. Please begin again.",
  invalid_request: "What the device answered could not be verified. Please try again, or use another device.",
  forbidden_origin: "This page is not at the address that the site is known by, ORIGIN. Open the site there.",
  invalid_fields: "Please correct what is marked.",
  second_factor_required: "The passkey is right, but your account wants a second proof, which this site cannot ask for.",
  too_many_attempts: "There were too many tries.",
  overloaded: "The site is busy.",
};

/** The same for one field, by the code that the answer has for it. */
const fieldWords = {
  invalid_email: "Enter an e-mail address, like name@example.org.",
  "sign-up invalid_name": "Use at most 100 characters.",
  invalid_name: "Use at least one character, and no more than 200.",
};

/** Where to go on with what this page cannot do. */
const elsewhere = {
  step_up_required: () => "/again?return_to=" + encodeURIComponent(location.pathname),
  unauthenticated: () => "/login?return_to=" + encodeURIComponent(location.pathname),
  profile_required: () => "/register/address",
};

/** Each returns where to go when it has been done. */
const actions = {
  async "sign-in"(form) {
    await torii.signIn();
    return form.dataset.next;
  },
  async "sign-up"(form) {
    const { email, name } = document.querySelector('form[action="/register"]').elements;
    const next = form.dataset.next;
    const account = { email: email.value, name: name.value, return_to: next };
    const made = await torii.signUp(account);
    return made.status === "check_email" ? mailed(account) : next;
  },
  async "step-up"(form) {
    await torii.stepUp();
    return form.dataset.next;
  },
  async add(form) {
    await torii.addPasskey({ name: form.elements.name.value });
    return "/account?done=passkey-added";
  },
  async rename(form) {
    await torii.renamePasskey(form.dataset.id, form.elements.name.value);
    return "/account?done=passkey-renamed";
  },
  async delete(form) {
    await torii.deletePasskey(form.dataset.id);
    const told = typeof globalThis.PublicKeyCredential?.signalAllAcceptedCredentials === "function";
    return "/account?done=" + (told ? "passkey-deleted" : "passkey-kept");
  },
};

/** The page for who has to look into a mailbox. The site remembers the address for it. */
async function mailed({ email, return_to }) {
  const next = "/register/sent?return_to=" + encodeURIComponent(return_to);
  try {
    const body = new URLSearchParams({ email, return_to });
    return (await fetch("/register/passkey", { method: "POST", body })).url;
  } catch {
    return next; // which then does not know where the mail went
  }
}

function minutes(seconds) {
  const n = Math.ceil(seconds / 60);
  return n > 1 ? `${n} minutes` : "a minute";
}

/** @param {HTMLFormElement} form @param {Error} error @returns {string} what to say */
function explain(form, { code, retryAfter }) {
  const text = words[`${form.dataset.passkey} ${code}`] ?? words[code] ?? words.unknown;
  const wait = retryAfter ? ` Try again in ${minutes(retryAfter)}.` : "";
  return text.replace("ORIGIN", form.dataset.origin) + wait;
}

function tell(form, { status = "", alert = "" }) {
  form.querySelector("[role=status]").textContent = status;
  form.querySelector("[role=alert]").textContent = alert;
}

/** Says what is wrong with an input, beside it, as the site's own pages do; "" takes that back. */
function mark(input, text) {
  const field = input.closest(".field"), id = input.id + "-error";
  document.getElementById(id)?.remove();
  field.classList.toggle("wrong", text !== "");
  const others = (input.getAttribute("aria-describedby") ?? "").split(" ").filter((word) => word && word !== id);
  input.setAttribute("aria-describedby", (text ? [id, ...others] : others).join(" "));
  input.setAttribute("aria-invalid", String(text !== ""));
  if (!text) return;
  const error = Object.assign(document.createElement("p"), { id, className: "error", textContent: text });
  input.before(error);
}

/** The inputs that an action reads. */
function inputs(form) {
  const of = form.dataset.passkey === "sign-up" ? document.querySelector('form[action="/register"]') : form;
  return [...of.elements].filter((e) => e.matches(".field input"));
}

function markAll(form, fields) {
  const wrong = inputs(form).filter((input) => {
    const code = fields[input.name];
    mark(input, code ? fieldWords[`${form.dataset.passkey} ${code}`] ?? fieldWords[code] ?? "This is not acceptable." : "");
    return code;
  });
  wrong[0]?.focus();
}

const underWay = new WeakSet();

async function act(form) {
  const what = form.dataset.passkey;
  // The browser's dialogs can be asked for anew, these cannot.
  if ((what === "rename" || what === "delete") && underWay.has(form)) return;
  underWay.add(form);
  markAll(form, {});
  tell(form, { status: "One moment…" });
  try {
    location.assign(await actions[what](form));
  } catch (error) {
    if (error.code === "aborted") return; // another took its place, and tells
    if (elsewhere[error.code]) {
      location.assign(elsewhere[error.code]());
      return;
    }
    tell(form, { alert: explain(form, error) });
    markAll(form, error.fields ?? {});
    autofill();
  } finally {
    underWay.delete(form);
  }
}

/** Another form is on its way: an answer to the offer, coming later, would bring back the cookie from before it. */
const leaving = new AbortController();

/** Offers passkeys below the login form's first field. Only what somebody has picked there is worth words. */
async function autofill() {
  const form = document.querySelector('[data-passkey="sign-in"]');
  if (!form || !document.querySelector('[autocomplete~="webauthn"]')) return;
  try {
    if (await torii.autofill({ signal: leaving.signal })) location.assign(form.dataset.next);
  } catch (error) {
    if (["aborted", "cancelled", "unsupported", "insecure", "too_many_attempts"].includes(error.code)) return;
    tell(form, { alert: explain(form, error) });
    if (error.code === "invalid_credentials") autofill();
  }
}

/** Opens one panel of the list, or closes it. */
function toggle(panel, open) {
  for (const button of document.querySelectorAll("[data-opens]")) {
    const mine = button.dataset.opens === panel.id;
    document.getElementById(button.dataset.opens).hidden = !(mine && open);
    button.setAttribute("aria-expanded", String(mine && open));
    if (mine && !open) button.focus();
  }
  tell(panel, {});
  if (open) panel.querySelector("input, [type=reset]").focus();
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-passkey]")) return leaving.abort();
  event.preventDefault();
  act(event.target);
});

document.addEventListener("reset", (event) => {
  if (!event.target.matches(".panel")) return;
  markAll(event.target, {});
  toggle(event.target, false);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-opens]");
  if (button) toggle(document.getElementById(button.dataset.opens), button.getAttribute("aria-expanded") !== "true");
});

const shown = { supported: supported(), unsupported: !supported(), script: true };
for (const element of document.querySelectorAll("[data-show]")) element.hidden = !shown[element.dataset.show];
autofill();
