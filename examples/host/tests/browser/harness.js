// What the tests have in common: a host of one's own, a browser, and what a page must be like.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "../../../..");
const axeSource = readFileSync(join(here, "node_modules/axe-core/axe.min.js"), "utf8");

export const tests = [];
export const test = (name, body) => tests.push({ name, body });

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"],
  });

/// A host with an empty database, and its demo identity provider.
export async function startHost({ tls = false, ports } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "admittance-host-"));
  const [port, demoPort] = ports ?? [await freePort(), await freePort()];
  const proxy = tls ? await tlsProxy(port) : undefined;
  const base = proxy ? `https://127.0.0.1:${proxy.address().port}` : `http://127.0.0.1:${port}`;
  const child = spawn(
    process.env.HOST,
    ["--listen", `127.0.0.1:${port}`, "--demo-listen", `127.0.0.1:${demoPort}`, "--base-url", base],
    {
      cwd: folder,
      env: { ...process.env, DATABASE_URL: `sqlite:${folder}/host.db?mode=rwc`, HOST_KEY_FILE: `${folder}/host.key` },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let log = "";
  child.stdout.on("data", (data) => (log += data));
  child.stderr.on("data", (data) => (log += data));
  const gone = new Promise((resolve) => child.on("exit", resolve));
  const stop = async () => {
    child.kill("SIGKILL");
    proxy?.close();
    proxy?.closeAllConnections();
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`the host has ended:\n${log}`);
    if (await answers(`http://127.0.0.1:${port}/health`)) {
      return { base, demo: `http://localhost:${demoPort}`, stop, log: () => log };
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error(`the host does not answer:\n${log}`);
}

const answers = (url) =>
  new Promise((resolve) => {
    http.get(url, (response) => resolve(response.resume().statusCode === 200)).on("error", () => resolve(false));
  });

const freePort = () =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/// Ends TLS in front of the product, as a proxy does in production.
function tlsProxy(port) {
  const keys = join(root, "tests/corpus/keys");
  const options = {
    key: readFileSync(join(keys, "rsa2048.key.pem")),
    cert: readFileSync(join(keys, "rsa2048.cert.pem")),
  };
  const server = https.createServer(options, (request, response) => {
    const { method, url, headers } = request;
    const inner = http.request({ host: "127.0.0.1", port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(response);
    });
    inner.on("error", () => response.destroy());
    request.pipe(inner);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/// A page that counts clicks, and remembers what the browser complained about.
export async function newPage(browser, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    ignoreHTTPSErrors: true,
    ...options,
  });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  page.clicks = 0;
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" && /Content Security Policy|Refused to/.test(message.text())) {
      page.complaints.push(message.text());
    }
  });
  return page;
}

export async function click(page, locator) {
  page.clicks += 1;
  await locator.click();
}

/// No serious violation, and nothing that scrolls sideways: at both widths, light and dark.
export async function inspect(page, name) {
  const size = page.viewportSize();
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [360, 1440]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      // What fades has no contrast yet.
      await page.evaluate(() => document.getAnimations().forEach((animation) => animation.finish()));
      const [inner, content] = await page.evaluate(() => [
        document.documentElement.clientWidth,
        document.documentElement.scrollWidth,
      ]);
      assert.ok(content <= inner, `${name} at ${width} px, ${colorScheme}: ${content} px wide`);
      const violations = await axe(page);
      assert.deepEqual(violations, [], `${name} at ${width} px, ${colorScheme}`);
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize(size);
  assert.deepEqual(page.complaints, [], name);
}

async function axe(page) {
  // Evaluated by the debugger, so that the page's Content-Security-Policy stays as it is.
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const result = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return result.violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
  });
}
