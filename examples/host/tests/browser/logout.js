// Signing out here and at the identity provider.

import { test } from "./harness.js";
import { comeIn, oidc, saml, setUp } from "./visits.js";

for (const [preset, entries, end] of [
  ["Okta SAML", saml, "Sign in"],
  ["Okta OIDC", oidc, "You are signed out"],
]) {
  test(`a logout over ${preset} ends both sessions`, async (world) => {
    const host = await world.host();
    await setUp(await world.page(), host, preset, entries);
    const person = await world.page();
    await comeIn(person, host, "Ada Lovelace");
    await person.getByRole("button", { name: "Sign out here and at my identity provider" }).click();
    await person.getByRole("heading", { name: end, exact: true }).waitFor();
    await person.goto(`${host.base}/me`);
    await person.getByRole("heading", { name: "Sign in", exact: true }).waitFor();
  });
}
