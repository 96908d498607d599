// Every page: no serious violation of axe-core, nothing that scrolls sideways, light and dark.

import { inspect, test } from "./harness.js";

test("the pages of the demo identity provider", async (world) => {
  const { demo } = await world.host();
  const page = await world.page();
  for (const path of ["/", "/scim", "/saml/sso", "/saml/slo"]) {
    await page.goto(demo + path);
    await inspect(page, `demo ${path}`);
  }
});
