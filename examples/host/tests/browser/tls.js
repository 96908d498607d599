// Over TLS the answer of a SAML identity provider is a POST from another site: cookies with `__Host-` and SameSite=None.

import assert from "node:assert/strict";
import { test } from "./harness.js";
import { comeIn, groups, saml, setUp } from "./visits.js";

test("a sign-in over TLS", async (world) => {
  const host = await world.host({ tls: true });
  const page = await world.page();
  await setUp(page, host, "Okta SAML", saml);
  const person = await world.page();
  const seen = [];
  person.on("response", async (response) => {
    if (!response.url().startsWith(host.base)) return;
    for (const { name, value } of await response.headersArray()) {
      if (name.toLowerCase() === "set-cookie") seen.push(value);
    }
  });
  await comeIn(person, host, "Ada Lovelace");
  assert.ok(Object.keys(await groups(person)).includes("Harbour"));
  assert.ok(seen.length >= 2, `${seen}`);
  for (const cookie of seen) {
    assert.match(cookie, /^__Host-/);
    assert.match(cookie, /; *Secure/i);
    assert.match(cookie, /; *HttpOnly/i);
    assert.match(cookie, /; *Path=\/(;|$)/i);
  }
  const none = seen.filter((cookie) => /SameSite=None/i.test(cookie)).map((cookie) => cookie.split("=")[0]);
  assert.ok(none.length > 0 && !none.includes("__Host-session"), `${seen}`);
});
