// A page of an application that shows the banner to its signed-in customer.
//
//   HOLDFAST_ALLOWED_ORIGINS=http://localhost:4001 npm start
//   node examples/banner/server.mjs        and open http://localhost:4001
//
// The API key stays here; the page gets a token that is good for one person and for an hour. Its Reconnect leads to the
// provider, and back to this page, whatever cookies the browser blocks.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const env = process.env;
const port = Number(env.PORT ?? 4001);
/** How this server reaches Holdfast, and how browsers do. */
const holdfast = env.HOLDFAST_URL ?? 'http://localhost:3000';
const holdfastPublic = env.HOLDFAST_PUBLIC_URL ?? holdfast;
const apiKey = env.HOLDFAST_API_KEY ?? readFileSync('.holdfast/api-key', 'utf8').trim();

/** Yours comes from your own session; whom it names is whose connections are shown. */
const signedInUser = () => env.EXAMPLE_USER ?? 'ada';

const file = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');
const page = (userId) =>
  file('page.html')
    .replaceAll('{{holdfast}}', holdfastPublic)
    .replaceAll('{{user}}', () => escaped(userId));
const escaped = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** A path without a slash at its end would be this one address only. */
const holdfastOrigin = new URL(holdfastPublic).origin;

/** The banner needs `script-src`, `connect-src` and `form-action` for Holdfast; the rest is the shop's own. */
const contentSecurityPolicy = [
  "default-src 'none'",
  `script-src 'self' ${holdfastOrigin}`,
  `connect-src 'self' ${holdfastOrigin}`,
  "style-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  `form-action ${holdfastOrigin}`,
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

async function sessionToken(userId) {
  const response = await fetch(`${holdfast}/v1/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    // Enough for Reconnect and Resume: a script that is slipped into the page can't disconnect anything with it.
    body: JSON.stringify({ userId, scope: 'manage' }),
  });
  if (!response.ok) throw new Error(`Holdfast answered ${response.status}`);
  return (await response.json()).token;
}

async function answer(request, response) {
  // Your own check of who asks stands before each of these.
  const userId = signedInUser();
  const send = (type, body) => response.writeHead(200, { 'content-type': type }).end(body);
  // Reconnect leads back to the address that the person was at, with its query.
  const { pathname } = new URL(request.url, 'http://shop.example');
  switch (`${request.method} ${pathname}`) {
    case 'GET /':
      response.setHeader('content-security-policy', contentSecurityPolicy);
      return send('text/html; charset=utf-8', page(userId));
    case 'GET /shop.js':
      return send('text/javascript; charset=utf-8', file('shop.js'));
    case 'GET /shop.css':
      return send('text/css; charset=utf-8', file('shop.css'));
    case 'POST /holdfast-token':
      response.setHeader('cache-control', 'no-store');
      return send('application/json', JSON.stringify({ token: await sessionToken(userId) }));
    default:
      return response.writeHead(404).end();
  }
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error.message);
    response.writeHead(502).end();
  });
});
server.listen(port, '127.0.0.1', () => {
  console.log(`The shop is at http://localhost:${server.address().port}`);
});
