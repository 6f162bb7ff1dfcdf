/** A page that a browser ended on. */
export interface Landing {
  status: number;
  url: URL;
  text: string;
  headers: Headers;
  /** Every address on the way, the last one too. */
  hops: string[];
}

interface Step {
  method?: 'GET' | 'POST' | 'HEAD';
  form?: Record<string, string>;
  headers?: Record<string, string>;
}

/** `fetch` with cookies for each host, that follows redirects itself and sends `Origin` as browsers do. */
export class Browser {
  readonly cookies = new Map<string, Map<string, string>>();

  async step(address: string | URL, { method = 'GET', form, headers = {} }: Step = {}) {
    const url = new URL(address);
    const jar = this.cookies.get(url.hostname) ?? new Map<string, string>();
    this.cookies.set(url.hostname, jar);
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: {
        cookie: [...jar].map((pair) => pair.join('=')).join('; '),
        ...headers,
      },
      ...(method === 'POST' ? { body: new URLSearchParams(form) } : {}),
    });
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  /** @param until stops before an address that it is true for */
  async open(address: string | URL, step: Step = {}, until = noStop): Promise<Landing> {
    const hops: string[] = [];
    let url = new URL(address);
    let next = step;
    for (;;) {
      hops.push(url.href);
      const response = await this.step(url, next);
      const location = response.headers.get('location');
      const text = await response.text();
      const landing = { status: response.status, url, text, headers: response.headers, hops };
      if (location === null) return landing;
      url = new URL(location, url);
      if (until(url)) return { ...landing, url, hops: [...hops, url.href] };
      next = {};
    }
  }

  /** Presses the button of a page with one form. */
  press({ url, text }: Landing, form: Record<string, string> = {}, until = noStop) {
    const [, escaped] = /<form[^>]*\baction="([^"]+)"/.exec(text) ?? [];
    const action = escaped?.replaceAll('&amp;', '&') ?? url.href;
    const headers = { origin: url.origin };
    return this.open(new URL(action, url), { method: 'POST', form, headers }, until);
  }
}

type Stop = (url: URL) => boolean;
const noStop: Stop = () => false;

/** Says that it is the right account, where a page asks. */
export async function confirm(
  browser: Browser,
  page: Landing,
  decision: 'connect' | 'cancel' = 'connect',
): Promise<Landing> {
  if (!page.text.includes('name="confirmation"')) return page;
  const fields = page.text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]+)"/g);
  const hidden = Object.fromEntries([...fields].map(([, name = '', value = '']) => [name, value]));
  return browser.press(page, { ...hidden, decision });
}

/** Signs in at the provider, agrees, and confirms the account; ends where that leads to. */
export async function agree(
  browser: Browser,
  start: Landing,
  login: string,
  until = noStop,
): Promise<Landing> {
  let page = start;
  while (page.text.includes('name="prompt"') && page.status === 200) {
    const prompt = /name="prompt" value="(\w+)"/.exec(page.text)?.[1] ?? '';
    page = await browser.press(page, { prompt, login, password: 'any' }, until);
  }
  return until === noStop ? confirm(browser, page) : page;
}
