// The complete assistants, from the administrator's first click to somebody of the company who is signed in.

import assert from "node:assert/strict";
import { test } from "./harness.js";
import { comeIn, demoSettings, groups, oidc, saml, setUp } from "./visits.js";

const ADA = { Harbour: ["Engineers", "Members", "Quality"], Shipyard: ["Engineers", "Members", "Quality"] };

for (const [preset, shape, entries] of [
  ["Okta SAML", "okta", saml],
  ["Microsoft Entra ID SAML", "entra", saml],
  ["Okta OIDC", "okta", oidc],
]) {
  test(`the assistant for ${preset}, up to somebody with groups`, async (world) => {
    const host = await world.host();
    await demoSettings(host, { shape });
    const page = await world.page();
    await setUp(page, host, preset, entries);
    const person = await world.page();
    await comeIn(person, host, "Ada Lovelace");
    assert.deepEqual(await groups(person), ADA);
    assert.deepEqual([...page.complaints, ...person.complaints], []);
  });
}

test("a newcomer reaches somebody with groups in at most 12 clicks", async (world) => {
  const host = await world.host();
  const page = await world.page();
  await setUp(page, host, "Okta SAML", saml);
  await comeIn(page, host, "Ada Lovelace");
  assert.deepEqual(await groups(page), ADA);
  console.log(`      ${page.clicks} clicks`);
  assert.ok(page.clicks <= 12, `${page.clicks} clicks`);
});
