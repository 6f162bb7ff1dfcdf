import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { chromiumEnvironment } from './chromium';
import { watchContext } from './watch-context';

export interface BrowserOptions {
  /**
   * Names of `.test` hosts whose port 80 is at another address: `{ 'holdfast.test': system.url }`.
   * Every other name under `.test` is 127.0.0.1 with the port it has.
   */
  hosts?: Record<string, string>;
}

export interface PageOptions extends Pick<
  BrowserContextOptions,
  'colorScheme' | 'forcedColors' | 'reducedMotion' | 'javaScriptEnabled' | 'viewport'
> {
  /** As browsers block them that people use: a frame of another site has none. */
  thirdPartyCookies?: 'blocked';
  /** What would be a problem anywhere else, such as a 404 that the test asks for. */
  expected?: RegExp[];
}

export interface Browser {
  /** A page with cookies of its own; `page.context().newPage()` is one that shares them. */
  newPage(options?: PageOptions): Promise<Page>;
  /** What went wrong in pages since this was asked last; a test says `toEqual([])`. */
  takeProblems(): string[];
  /** @throws if anything went wrong that `takeProblems` was not asked about */
  close(): Promise<void>;
}

const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A Chromium without a screen, for a whole test file. Nothing but loopback can be reached. */
export async function startBrowser({ hosts = {} }: BrowserOptions = {}): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '',
    env: { ...process.env, ...chromiumEnvironment() },
    args: [...flags, `--host-resolver-rules=${resolverRules(hosts)}`],
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  let problems: string[] = [];
  const takeProblems = () => {
    const taken = problems;
    problems = [];
    return taken;
  };
  return {
    newPage: async ({ expected = [], thirdPartyCookies, ...options } = {}) => {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 800 },
        locale: 'en-GB',
        timezoneId: 'UTC',
        serviceWorkers: 'block',
        ...options,
      });
      watchContext(context, isLocal, (problem) => {
        if (!expected.some((pattern) => pattern.test(problem))) problems.push(problem);
      });
      const page = await context.newPage();
      if (thirdPartyCookies === 'blocked') await blockThirdPartyCookies(page);
      return page;
    },
    takeProblems,
    close: async () => {
      await browser.close();
      const left = takeProblems();
      if (left.length > 0) throw new Error(`In the browser's pages:\n${left.join('\n')}`);
    },
  };
}

/** No flag and no preference reaches every Chromium; what its developer tools can do does. */
async function blockThirdPartyCookies(page: Page): Promise<void> {
  const tools = await page.context().newCDPSession(page);
  await tools.send('Network.enable');
  const controls = {
    enableThirdPartyCookieRestriction: true,
    // Exceptions, which older versions insist on being asked about.
    disableThirdPartyCookieMetadata: true,
    disableThirdPartyCookieHeuristics: true,
  };
  await tools.send('Network.setCookieControls', controls);
}

const isLocal = (hostname: string) =>
  /^(localhost|127\.0\.0\.1|[^.]+(\.[^.]+)*\.test)$/.test(hostname);

function resolverRules(hosts: Record<string, string>): string {
  return [
    ...Object.entries(hosts).map(([name, url]) => `MAP ${name}:80 ${new URL(url).host}`),
    'MAP *.test 127.0.0.1',
    'MAP * ~NOTFOUND',
    'EXCLUDE localhost',
    'EXCLUDE 127.0.0.1',
  ].join(', ');
}
