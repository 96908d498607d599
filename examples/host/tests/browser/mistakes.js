// Every entry of the demo's menu of mistakes, as the report of a test sign-in tells it.

import assert from "node:assert/strict";
import { click, test } from "./harness.js";
import { choose, codes, create, demoSettings, oidc, saml, signIn, testAs } from "./visits.js";

const CLAIMS = {
  no_groups: "groups.attribute_missing",
  object_ids: "groups.object_ids",
  swapped_attributes: "claims.attributes_swapped",
  overage: "groups.overage",
};

const SAML = {
  ...CLAIMS,
  wrong_audience: "saml.audience_mismatch",
  other_key: "saml.signature_invalid",
  unsigned: "saml.signature_missing",
  clock_off: "saml.not_yet_valid",
};

const OIDC = {
  ...CLAIMS,
  wrong_audience: "oidc.audience_mismatch",
  other_key: "oidc.signature_invalid",
  unsigned: "oidc.algorithm_not_allowed",
  clock_off: "oidc.issued_in_future",
};

for (const [preset, entries, mistakes] of [
  ["Okta SAML", saml, SAML],
  ["Okta OIDC", oidc, OIDC],
]) {
  test(`each mistake over ${preset} shows its diagnosis`, async (world) => {
    const host = await world.host();
    const page = await world.page();
    await signIn(page, host);
    await choose(page, preset);
    await create(page, entries(host));
    for (const [mistake, code] of Object.entries(mistakes)) {
      await demoSettings(host, { mistake });
      await page.goto(`${host.base}/admin/sso/setup/test`);
      await testAs(page, "Ada Lovelace");
      const shown = await codes(page);
      assert.ok(shown.includes(code), `${mistake}: ${shown}`);
    }
    await demoSettings(host);
    await page.goto(`${host.base}/admin/sso/setup/test`);
    await testAs(page, "Ada Lovelace");
    await click(page, page.getByRole("button", { name: "Enable Connection" }));
  });
}

test("an expired certificate is told", async (world) => {
  const host = await world.host();
  await demoSettings(host, { mistake: "expired_certificate" });
  const page = await world.page();
  await signIn(page, host);
  await choose(page, "Okta SAML");
  await create(page, saml(host));
  await testAs(page, "Ada Lovelace");
  assert.ok((await codes(page)).includes("saml.certificate_expired"), `${await codes(page)}`);
});
