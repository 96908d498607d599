// Every page: no serious violation of axe-core, nothing that scrolls sideways, light and dark.

import assert from "node:assert/strict";
import { inspect, test } from "./harness.js";
import { choose, choosePerson, comeIn, create, demoSettings, saml, setUp, signIn, testAs } from "./visits.js";

test("the pages of the demo identity provider", async (world) => {
  const { demo } = await world.host();
  const page = await world.page();
  for (const path of ["/", "/scim", "/saml/sso", "/saml/slo"]) {
    await page.goto(demo + path);
    await inspect(page, `demo ${path}`);
  }
});

test("the pages of the product before anything is set up", async (world) => {
  const host = await world.host();
  const page = await world.page();
  for (const path of ["/login", "/nowhere", "/login/sso?enterprise_key=nobody"]) {
    await page.goto(host.base + path);
    await inspect(page, path);
  }
  await signIn(page, host);
  for (const path of ["/me", ...PLACES, "/admin/sso/setup"]) {
    await page.goto(host.base + path);
    await inspect(page, path);
  }
});

test("the pages of a connection, its steps and its reports", async (world) => {
  const host = await world.host();
  const page = await world.page();
  await signIn(page, host);
  await choose(page, "Okta SAML");
  await page.locator("[name=metadata_url]").fill("http://localhost:1/nothing");
  await page.getByRole("button", { name: "Create Connection" }).click();
  await page.locator(".finding.error").first().waitFor();
  await inspect(page, "a refused address");
  await create(page, saml(host));
  const steps = await page.locator(".stepper a").evaluateAll((links) => links.map((link) => link.href));
  assert.ok(steps.length >= 4, `${steps}`);
  for (const step of steps) {
    await page.goto(step);
    await inspect(page, step);
  }
  await demoSettings(host, { mistake: "wrong_audience" });
  await page.goto(`${host.base}/admin/sso/setup/test`);
  await testAs(page, "Ada Lovelace");
  await inspect(page, "a report of a mistake");
  await demoSettings(host);
  await page.goto(`${host.base}/admin/sso/setup/test`);
  await testAs(page, "Ada Lovelace");
  await inspect(page, "a good report");
  await page.getByRole("button", { name: "Enable Connection" }).click();
  await page.waitForURL(/done=enabled/);
  for (const path of [...PLACES, "/admin/sso/complete", "/admin/sso/report"]) {
    await page.goto(host.base + path);
    await inspect(page, path);
  }
  await page.goto(`${host.base}/admin/flows`);
  await page.locator("a[href^='/admin/flows/']").first().click();
  await inspect(page, "a sign-in record");

  // Somebody whom the identity provider's mistake keeps out
  await demoSettings(host, { mistake: "unsigned" });
  const person = await world.page();
  await person.goto(`${host.base}/login/sso?enterprise_key=acme`);
  await inspect(person, "the demo's choice of people");
  await choosePerson(person, "Ada Lovelace");
  await person.getByText("Reference").first().waitFor();
  await inspect(person, "a refused sign-in");
  await demoSettings(host);
  await comeIn(person, host, "Ada Lovelace");
  await inspect(person, "who am I");
  await person.goto(`${host.base}/admin/sso`);
  await inspect(person, "not yours to see");
});

test("the pages of provisioning and of a set-up link", async (world) => {
  const host = await world.host();
  const page = await world.page();
  await setUp(page, host, "Okta SAML", saml);
  await page.goto(`${host.base}/admin/provisioning`);
  await page.getByRole("button", { name: "Set up Provisioning" }).click();
  await page.getByRole("button", { name: "Generate Token" }).click();
  await page.locator("#token").waitFor();
  await inspect(page, "a new token");
  await page.goto(`${host.base}/admin/provisioning`);
  await inspect(page, "tokens");

  await page.goto(`${host.base}/admin/sso/links`);
  await page.getByRole("checkbox", { name: "Provisioning" }).check();
  await page.getByRole("button", { name: "Make link" }).click();
  const link = await page.locator("#link").inputValue();
  await inspect(page, "a new link");
  const outsider = await world.page();
  await outsider.goto(link);
  await inspect(outsider, "an opened link");
  for (const path of ["sso/setup", "provisioning"]) {
    await outsider.goto(`${link}/${path}`);
    await inspect(outsider, `an opened link, ${path}`);
  }
  await outsider.goto(`${host.base}/admin/sso`);
  assert.match(outsider.url(), /\/login/, "a link opens more than its tasks");
});

const PLACES = [
  "/admin/sso",
  "/admin/provisioning",
  "/admin/provisioning/mapping",
  "/admin/certificates",
  "/admin/flows",
  "/admin/audit",
  "/admin/sso/domains",
  "/admin/sso/links",
];
