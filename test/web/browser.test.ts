import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { axeViolations } from '../support/browser/axe';
import { type Browser, startBrowser } from '../support/browser/browser';
import { eventually } from '../support/eventually';
import { findChromium } from '../support/browser/find-chromium';

let server: Server;
let browser: Browser;
let origin: string;
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/framing') {
      const { port } = server.address() as AddressInfo;
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(`<title>framing</title><iframe src="http://localhost:${port}/"></iframe>`);
      return;
    }
    response
      .writeHead(request.url === '/' ? 200 : 404, {
        'set-cookie': 'third=1; SameSite=None; Secure',
        'content-type': 'text/html',
        ...(request.headers.host === 'strict.test' && {
          'content-security-policy': "default-src 'none'",
        }),
      })
      .end(`<title>${request.headers.host ?? ''}</title><script>document.title += '!'</script>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await startBrowser({ hosts: { 'named.test': origin, 'strict.test': origin } });
});
afterAll(async () => {
  await browser.close();
  server.close();
});

test('a name under .test leads here, and a page is quiet where nothing is wrong', async () => {
  const page = await browser.newPage({ expected: [/favicon/] });
  await page.goto('http://named.test/');
  expect(await page.title()).toBe('named.test!');
  await page.goto(origin.replace('127.0.0.1', 'other.test'));
  expect(await page.title()).toBe(`other.test:${new URL(origin).port}!`);
  expect(browser.takeProblems()).toEqual([]);
});

test.each([
  ['console.error("odd")', /odd/],
  ['setTimeout(() => { throw new Error("uncaught here") })', /uncaught here/],
  ['void fetch("/away")', /404/],
  ['void fetch("https://example.com/x").catch(() => {})', /another machine: GET https:\/\/example/],
])('a page that does %s has a problem', async (script, problem) => {
  const page = await browser.newPage();
  await page.goto('http://named.test/');
  await page.evaluate(script);
  const seen: string[] = [];
  await eventually(() => {
    seen.push(...browser.takeProblems());
    expect(seen.join('\n')).toMatch(problem);
  });
  await page.context().close();
  browser.takeProblems();
});

test('what a policy stops is a problem, unless it is expected', async () => {
  for (const expected of [[], [/Content Security Policy/]]) {
    const page = await browser.newPage({ expected });
    await page.goto('http://strict.test/');
    expect(await page.title()).toBe('strict.test');
    const policy = expect.stringContaining('Content Security Policy') as string;
    expect(browser.takeProblems()).toEqual(expected.length === 0 ? [policy] : []);
  }
});

test.each([
  [{}, 'third=1'],
  [{ thirdPartyCookies: 'blocked' }, ''],
] as const)('with %j a frame of another site has the cookies %j', async (options, cookies) => {
  const page = await browser.newPage({ expected: [/favicon/], ...options });
  await page.goto(`${origin}/framing`);
  const [, frame] = page.frames();
  await frame?.waitForLoadState();
  expect(await frame?.evaluate('document.cookie')).toBe(cookies);
});

const faint = [expect.stringMatching(/^color-contrast: /) as string];
test.each([
  ['the page', '#ccc', '#000', []],
  ['the page', '#000', '#ccc', faint],
  ['a shadow root', '#ccc', '#000', []],
  ['a shadow root', '#000', '#ccc', faint],
])(
  'axe sees how what moves in %s ends: white on what goes from %s to %s',
  async (where, from, to, found) => {
    const page = await browser.newPage();
    await page.setContent(
      '<html lang="en"><title>colours</title><main><h1>Colours</h1><div></div></main>',
    );
    await page.evaluate(`{
    const div = document.querySelector('div');
    const root = '${where}' === 'the page' ? div : div.attachShadow({ mode: 'open' });
    root.innerHTML = '<style>p { color: #fff; background: ${from}; transition: background-color .4s }'
      + 'p.then { background: ${to} } i { display: block; animation: turn 1s infinite }'
      + '@keyframes turn { to { rotate: 1turn } }</style><p>Words</p><i></i>';
    getComputedStyle(root.querySelector('p')).backgroundColor;
    root.querySelector('p').className = 'then';
  }`);
    expect(await axeViolations(page)).toEqual(found);
    await page.context().close();
  },
);

test('closing says what nobody asked about, and leaves no page open', async () => {
  const other = await startBrowser();
  const page = await other.newPage();
  await page.evaluate('console.error("nobody looked")');
  await expect(other.close()).rejects.toThrow('nobody looked');
  expect(page.isClosed()).toBe(true);
});

test('an installed Chromium is found by its name; a wrong address is an error that names it', () => {
  expect(findChromium({ PATH: '/nowhere' })).toBeUndefined();
  expect(findChromium({ CHROMIUM_PATH: process.execPath })).toBe(process.execPath);
  expect(() => findChromium({ CHROMIUM_PATH: '/nowhere/chromium' })).toThrow('/nowhere/chromium');
});
