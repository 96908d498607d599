// The whole assistant without a mouse.

import assert from "node:assert/strict";
import { test } from "./harness.js";
import { groups, saml } from "./visits.js";

test("the assistant by keyboard alone", async (world) => {
  const host = await world.host();
  const page = await world.page();
  const press = async (role, name) => {
    await reach(page, page.getByRole(role, { name }).first());
    await page.keyboard.press("Enter");
  };
  await page.goto(`${host.base}/login`);
  await reach(page, page.getByLabel("Login", { exact: true }));
  await page.keyboard.type("grace");
  await page.keyboard.press("Tab");
  await page.keyboard.type("quayside");
  await page.keyboard.press("Enter");
  await heading(page, "Grace Hopper");
  await press("link", "SSO & Provisioning");
  await press("link", "Get started");
  await reach(page, page.getByRole("radio").first());
  const okta = page.getByRole("radio", { name: /^Okta SAML/ });
  for (let step = 0; step < 20 && !(await okta.isChecked()); step += 1) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await press("link", "Configure connection");
  await reach(page, page.locator("[name=metadata_url]"));
  await page.keyboard.type(saml(host).metadata_url);
  await press("button", "Create Connection");
  await press("link", "Test SSO");
  await press("button", "Test Connection");
  await press("button", "Ada Lovelace");
  await heading(page, "Test report");
  await press("button", "Enable Connection");
  await page.waitForURL(/done=enabled/);
  await page.goto(`${host.base}/login/sso?enterprise_key=acme`);
  await press("button", "Mary Jackson");
  await heading(page, "Mary Jackson");
  assert.deepEqual((await groups(page)).Harbour, ["Designers", "Members", "Quality"]);
});

const heading = (page, name) => page.getByRole("heading", { name, exact: true }).waitFor();

/// Goes there with the Tab key, and sees where it is.
async function reach(page, locator) {
  await locator.waitFor({ state: "attached" });
  for (let step = 0; step < 150; step += 1) {
    const [is, isVisible] = await locator.evaluate((element) => {
      const style = getComputedStyle(element);
      const label = element.labels?.[0];
      const shown = (it) => it && getComputedStyle(it).outlineStyle !== "none";
      return [element === document.activeElement, style.outlineStyle !== "none" || style.boxShadow !== "none" || shown(label)];
    });
    if (is) return assert.ok(isVisible, `nobody sees that the focus is on ${locator}`);
    await page.keyboard.press("Tab");
  }
  assert.fail(`the Tab key does not lead to ${locator}`);
}
