// Runs the tests one after the other: node main.js [PART OF A NAME]

import { launch, newPage, startHost, tests } from "./harness.js";
import "./set_up.js";
import "./mistakes.js";
import "./groups.js";
import "./keyboard.js";
import "./logout.js";
import "./pages.js";
import "./screenshots.js";
import "./tls.js";

const part = process.argv[2] ?? "";
const chosen = tests.filter(({ name }) => name.includes(part));
const browser = await launch();
let failed = 0;
for (const { name, body } of chosen) {
  const started = Date.now();
  const hosts = [];
  const pages = [];
  const world = {
    host: async (options) => {
      hosts.push(await startHost(options));
      return hosts.at(-1);
    },
    page: async (options) => {
      pages.push(await newPage(browser, options));
      return pages.at(-1);
    },
  };
  try {
    await body(world);
    console.log(`ok    ${name} (${Date.now() - started} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name}\n${error.stack}`);
    for (const page of pages) {
      const text = await page.innerText("body").catch(() => "");
      console.log(`--- ${page.url()}\n${text.slice(0, 3000)}`);
      if (process.env.FAILED) await page.screenshot({ path: `${process.env.FAILED}/${name}.png`, fullPage: true }).catch(() => {});
    }
    for (const host of hosts) console.log(`--- log\n${host.log().slice(-2000)}`);
  }
  for (const page of pages) await page.context().close();
  for (const host of hosts) await host.stop();
}
await browser.close();
console.log(`${chosen.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 && chosen.length > 0 ? 0 : 1);
