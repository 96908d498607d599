// What an administrator and a person do, as several tests need it.

import assert from "node:assert/strict";
import { click } from "./harness.js";

/// The administrator of the demo enterprise signs in.
export async function signIn(page, host) {
  await page.goto(`${host.base}/login`);
  await page.getByLabel("Login", { exact: true }).fill("grace");
  await page.getByLabel("Password", { exact: true }).fill("quayside");
  await click(page, page.getByRole("button", { name: "Sign in", exact: true }));
  await page.getByRole("heading", { name: "Grace Hopper" }).waitFor();
}

/// From the first page to the step where the identity provider is entered.
export async function choose(page, preset) {
  await click(page, page.getByRole("link", { name: "SSO & Provisioning" }));
  await click(page, page.getByRole("link", { name: "Get started" }));
  await click(page, page.locator("label", { hasText: preset }));
  await click(page, page.getByRole("button", { name: "Next" }));
  await click(page, page.getByRole("link", { name: "Configure connection" }));
}

export async function create(page, entries) {
  for (const [name, value] of Object.entries(entries)) await page.locator(`[name=${name}]`).fill(value);
  await click(page, page.getByRole("button", { name: "Create Connection" }));
}

/// Test Connection, as somebody of the demo company, up to the report.
export async function testAs(page, person) {
  if (!page.url().includes("/setup/test")) await click(page, page.getByRole("link", { name: "Test SSO" }));
  await click(page, page.getByRole("button", { name: "Test Connection" }));
  await choosePerson(page, person);
  await page.getByRole("heading", { name: "Test report" }).waitFor();
}

export async function choosePerson(page, person) {
  await page.getByRole("heading", { name: "Sign in as …" }).waitFor();
  await click(page, page.getByRole("button", { name: person }));
}

/// Somebody of the demo company signs in by the one-click link.
export async function comeIn(page, host, person) {
  await page.goto(`${host.base}/login/sso?enterprise_key=acme`);
  await choosePerson(page, person);
  await page.getByRole("heading", { name: person }).waitFor();
}

/// What "who am I" shows: the groups of each organization.
export async function groups(page) {
  return page.locator("main section.card", { has: page.locator("h3") }).evaluateAll((cards) =>
    Object.fromEntries(
      cards.map((card) => [
        card.querySelector("h3").textContent,
        [...card.querySelectorAll("li")].map((line) => line.firstChild.textContent.trim()).sort(),
      ]),
    ),
  );
}

/// How the demo identity provider is set up.
export async function demoSettings(host, { shape = "okta", mistake = "" } = {}) {
  const names = { name: "name", login: "login", email: "email", groups: "groups" };
  const response = await fetch(`${host.demo}/settings`, {
    method: "POST",
    body: new URLSearchParams({ shape, mistake, ...names }),
    redirect: "manual",
  });
  assert.equal(response.status, 303);
}

/// A connection that is set up, tested and enabled.
export async function setUp(page, host, preset, entries) {
  await signIn(page, host);
  await choose(page, preset);
  await create(page, entries(host));
  await testAs(page, "Ada Lovelace");
  await click(page, page.getByRole("button", { name: "Enable Connection" }));
  await page.waitForURL(/done=enabled/);
}

export const saml = (host) => ({ metadata_url: `${host.demo}/saml/metadata` });
export const oidc = (host) => ({
  client_id: "demo-client",
  client_secret: "demo-secret",
  okta_domain: new URL(host.demo).host,
});

export const codes = (page) => page.locator(".finding code").allTextContents();
