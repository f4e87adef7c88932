// Shows pages, as they were answered, in Chromium. Standard input: {browser, pages, pictures?}, where a page has a name,
// status, headers and body (in which ORIGIN is where the pages are). Standard output: what is wrong with each, wide and
// narrow, light and dark; and what the script posts that asks for a passkey.

import { readFileSync } from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const asked = JSON.parse(readFileSync(0, 'utf8'));
const FLAGS = [
  '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync',
];
const WAYS = [
  { name: 'wide-light', viewport: { width: 1100, height: 800 }, colorScheme: 'light' },
  { name: 'phone-dark', viewport: { width: 360, height: 740 }, colorScheme: 'dark' },
];
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const LOGO = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAA1UlEQVR42u3aQQ6DMAxE0dlz2N6jl6Y3oAnEYTz6iD3zpJCAbZ3NLwEIAhzfz/' +
  'htBJjKvVyit3Kvksgk/W2DTKLfZsgt/axBbtFnGbJNP2iQc/oRg8zT/zXIP/21IRdglf7CoJ2fNxWGREDdeq1YSNrwjOXvFQBbQPWeXbGlAvAB' +
  'bDj2Kw5mAO0A1ZU2AAAAAADgDeAkBhAL4IcGwHMAZRUAzwHta6OU13f3OEI7NDT5PADt+8QJnfqEWYmEaZWEeaGQia2EmbmQqcWEudGcyd13r/' +
  'aAH2mtoENJjpjcAAAAAElFTkSuQmCC', 'base64');

const shownAt = new Map(asked.pages.map((one) => [`/shown/${one.name}`, one]));
let signIn = { status: 429 };
let posted = '';
const server = createServer((request, response) => {
  if (request.url === '/v1/passkeys/sign-in-options/') {
    return response.writeHead(signIn.status, { 'content-type': 'application/json' }).end(JSON.stringify(signIn.answer));
  }
  if (request.method === 'POST') {
    return request.on('data', (part) => { posted += part; }).on('end', () => response.end('<h1>Taken</h1>'));
  }
  const shown = shownAt.get(request.url);
  if (shown) return response.writeHead(shown.status, shown.headers).end(shown.body.replaceAll('ORIGIN', origin));
  if (request.url.includes('/logo/')) return response.writeHead(200, { 'content-type': 'image/png' }).end(LOGO);
  return response.writeHead(204).end();
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://localhost:${server.address().port}`;
const browser = await chromium.launch({ executablePath: asked.browser, chromiumSandbox: false, args: FLAGS });
const found = [];

async function look(page, shown, way) {
  const said = [];
  const note = (message) => said.push(message.text());
  const url = `${origin}/shown/${shown.name}`;
  page.on('console', note);
  await page.goto(url);
  page.off('console', note);
  // the browser gives the focus with the first frame, which may come after the page's load
  await page.waitForFunction(() => !document.querySelector('[autofocus]') || document.activeElement !== document.body);
  const broken = said.filter((text) => /policy|refused|violat|error/i.test(text) && !/status of \d+/.test(text));
  const state = await page.evaluate(() => ({
    focus: document.activeElement?.id ?? '',
    headings: document.querySelectorAll('h1').length,
    sideways: document.documentElement.scrollWidth > window.innerWidth,
    passkey: document.getElementById('passkey')?.checkVisibility() ?? null,
    pictures: [...document.images].map((one) => one.naturalWidth > 0),
    language: document.documentElement.lang,
    ground: getComputedStyle(document.body).backgroundColor,
    small: [...document.querySelectorAll('button, .button, input:not([type=hidden])')]
      .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44).map((one) => one.outerHTML),
  }));
  await page.evaluate(axe);
  const checked = await page.evaluate((tags) => axe.run(document, { runOnly: { type: 'tag', values: tags } }), TAGS);
  const violations = checked.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' | ')}`);
  if (asked.pictures) {
    const path = `${asked.pictures}/${shown.name}-${way.name}.png`;
    await page.screenshot({ path, fullPage: true });
  }
  found.push({ name: shown.name, way: way.name, violations, broken, passes: checked.passes.length, ...state });
}

// The script of a page: it says that nothing answered, and posts what an authenticator signed.
async function ask(shown) {
  const page = await browser.newPage();
  await page.goto(`${origin}/shown/${shown.name}`);
  const button = page.locator('#passkey button');
  await button.click();
  await page.waitForFunction(() => document.getElementById('passkey-said').textContent);
  const failed = await page.textContent('#passkey-said');
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true };
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', { options });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
  const credential = {
    credentialId: 'a2V5', isResidentCredential: true, rpId: 'localhost', privateKey: key, userHandle: 'YWRh', signCount: 0,
  };
  await devtools.send('WebAuthn.addCredential', { authenticatorId, credential });
  const asks = { challenge: 'Y2hhbGxlbmdl', rpId: 'localhost', userVerification: 'required', timeout: 5000, allowCredentials: [] };
  signIn = { status: 201, answer: { options: asks } };
  await button.click();
  await page.waitForSelector('text=Taken');
  const form = new URLSearchParams(posted);
  await page.close();
  return { failed, interaction: form.get('interaction'), csrf: form.get('csrf'), credential: JSON.parse(form.get('credential')) };
}

for (const way of WAYS) {
  const page = await browser.newPage({ viewport: way.viewport, colorScheme: way.colorScheme });
  for (const shown of asked.pages) await look(page, shown, way);
  await page.close();
}
const passkey = await ask(asked.pages.find((one) => one.name === 'sign-in-es'));
await browser.close();
server.close();
server.closeAllConnections();
console.log(JSON.stringify({ found, passkey }));
