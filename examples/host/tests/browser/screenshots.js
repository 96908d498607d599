// The two pictures of the README, with SCREENSHOTS=1: at the ports that a newcomer has.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { here, test } from "./harness.js";
import { choose, create, demoSettings, saml, signIn, testAs } from "./visits.js";

if (process.env.SCREENSHOTS === "1") {
  test("the screenshots of the README", async (world) => {
    const folder = join(here, "../../screenshots");
    mkdirSync(folder, { recursive: true });
    const host = await world.host({ ports: [8080, 8081] });
    const page = await world.page({ viewport: { width: 1000, height: 760 }, colorScheme: "light" });
    await signIn(page, host);
    await choose(page, "Okta SAML");
    await page.locator("[name=metadata_url]").fill(saml(host).metadata_url);
    await page.screenshot({ path: join(folder, "assistant.png") });
    await create(page, saml(host));
    await demoSettings(host, { mistake: "object_ids" });
    await testAs(page, "Ada Lovelace");
    await page.screenshot({ path: join(folder, "report.png") });
  });
}
