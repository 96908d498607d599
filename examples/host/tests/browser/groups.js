// Provisioning: a token that is shown once, what the demo provider pushes, and a mapping of 300 groups.

import assert from "node:assert/strict";
import { click, inspect, test } from "./harness.js";
import { comeIn, groups, saml, setUp } from "./visits.js";

for (const client of ["Okta", "Entra ID", "Entra ID with aadOptscim062020"]) {
  test(`a token is shown once, and ${client} pushes people and groups`, async (world) => {
    const host = await world.host();
    const page = await world.page();
    await setUp(page, host, "Okta SAML", saml);
    const { url, token } = await generateToken(page, host);
    await page.goto(`${host.base}/admin/provisioning`);
    assert.ok(!(await page.content()).includes(token), "the token is shown again");

    const console_ = await world.page();
    await console_.goto(`${host.demo}/scim`);
    await console_.getByLabel("SCIM URL").fill(url);
    await console_.getByLabel("Token").fill(token);
    await console_.getByLabel("Requests like").selectOption({ label: client });
    await push(console_, "Create users", 10);
    await push(console_, "Push groups");
    await mapAll(page, host);
    const person = await world.page();
    await comeIn(person, host, "Mary Jackson");
    assert.deepEqual(await groups(person), {
      Harbour: ["Designers", "Members", "Quality"],
      Shipyard: ["Designers", "Members", "Quality"],
    });

    await console_.locator("[name=person]").selectOption("mary");
    await console_.locator("[name=group]").selectOption("Accounting");
    await push(console_, "Add to the group");
    await person.reload();
    assert.deepEqual((await groups(person)).Harbour, ["Accounting", "Designers", "Members", "Quality"]);
    await push(console_, "Take out of the group");
    await person.reload();
    assert.deepEqual((await groups(person)).Harbour, ["Designers", "Members", "Quality"]);

    await push(console_, "Deactivate");
    await person.reload();
    assert.match(person.url(), /\/login/, "a deactivated person is still signed in");
    await inspect(console_, "demo /scim with answers");
  });
}

test("300 groups are mapped", async (world) => {
  const host = await world.host();
  const page = await world.page();
  await setUp(page, host, "Okta SAML", saml);
  const { url, token } = await generateToken(page, host);
  const names = Array.from({ length: 300 }, (_, n) => `Team ${String(n).padStart(3, "0")}`);
  while (names.length > 0) {
    await Promise.all(names.splice(0, 10).map((name) => pushGroup(url, token, name)));
  }
  await mapAll(page, host);

  await click(page, page.getByRole("link", { name: "Back to mapping" }));
  await click(page, page.getByRole("link", { name: /^Harbour/ }));
  const ticks = page.locator(".ticks input");
  assert.equal(await ticks.count(), 300);
  assert.equal(await page.locator(".ticks input:checked").count(), 300);
  await inspect(page, "300 groups");
  await page.getByLabel("Search groups").fill("team 29");
  assert.equal(await page.locator(".ticks li:visible").count(), 10);
  await click(page, page.getByLabel("Select all shown"));
  assert.equal(await page.locator(".ticks input:checked").count(), 290);
  await page.getByLabel("Search groups").fill("");
  await page.locator("form[data-ticks]").getByLabel(/are replaced/).check();
  await click(page, page.getByRole("button", { name: "Save for Harbour" }));
  await complete(page);
  await page.goto(`${host.base}/admin/provisioning/mapping`);
  assert.match(await page.getByRole("link", { name: /^Harbour/ }).textContent(), /290/);
  assert.match(await page.getByRole("link", { name: /^Shipyard/ }).textContent(), /300/);
});

async function generateToken(page, host) {
  await page.goto(`${host.base}/admin/provisioning`);
  await click(page, page.getByRole("button", { name: "Set up Provisioning" }));
  await click(page, page.getByRole("button", { name: "Generate Token" }));
  const token = await page.locator("#token").inputValue();
  const url = await page.locator('input[readonly][value*="/scim/v2/"]').first().inputValue();
  assert.ok(token.length > 20, "a token");
  return { url, token };
}

/// A button of the demo's page for provisioning, all of whose requests succeed.
async function push(page, button, requests) {
  await page.getByRole("button", { name: button, exact: true }).click();
  await page.locator(".exchanges").waitFor();
  const failed = await page.locator(".exchanges .bad").allTextContents();
  assert.deepEqual(failed, [], button);
  if (requests) assert.equal(await page.locator(".exchanges .good").count(), requests, button);
}

async function mapAll(page, host) {
  await page.goto(`${host.base}/admin/provisioning/mapping`);
  const form = page.locator("form", { has: page.getByRole("button", { name: "Map all groups" }) });
  await form.getByLabel(/are replaced/).check();
  await click(page, form.getByRole("button", { name: "Map all groups" }));
  await complete(page);
}

async function complete(page) {
  await page.getByText(/mapping complete/i).waitFor({ timeout: 120_000 });
}

async function pushGroup(url, token, displayName) {
  const response = await fetch(`${url}/Groups`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
    body: JSON.stringify({ schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName }),
  });
  assert.equal(response.status, 201, await response.text());
}
