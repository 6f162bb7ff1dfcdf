import { NotSeenError } from './not-seen';

export interface Page {
  url: URL;
  status: number;
  title: string;
}

const maxRedirects = 10;

/** A browser as far as this story needs one: cookies and redirects. */
export class Browser {
  /** By host name: cookies don't know ports. */
  private readonly jars = new Map<string, Map<string, string>>();

  open(address: string): Promise<Page> {
    return this.go(new URL(address));
  }

  /** Presses the button of a form. */
  submit(address: string, fields: Record<string, string>): Promise<Page> {
    return this.go(new URL(address), new URLSearchParams(fields));
  }

  private async go(start: URL, form?: URLSearchParams): Promise<Page> {
    let [url, body] = [start, form];
    for (let count = 0; count <= maxRedirects; count += 1) {
      const response = await fetch(url, {
        redirect: 'manual',
        headers: { cookie: this.cookies(url), origin: url.origin },
        ...(body === undefined ? {} : { method: 'POST', body }),
      });
      this.keep(url, response);
      const text = await response.text();
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || location === null) {
        return { url, status: response.status, title: titleOf(text) };
      }
      [url, body] = [new URL(location, url), undefined];
    }
    throw new NotSeenError(
      `the end of what begins at ${start.origin}`,
      'one redirect after another',
    );
  }

  private cookies({ hostname }: URL): string {
    return Array.from(this.jars.get(hostname) ?? [], (pair) => pair.join('=')).join('; ');
  }

  private keep({ hostname }: URL, response: Response): void {
    const jar = this.jars.get(hostname) ?? new Map<string, string>();
    this.jars.set(hostname, jar);
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=;]+)=([^;]*)/.exec(cookie) ?? [];
      if (name !== undefined && value !== undefined) jar.set(name, value);
    }
  }
}

const titleOf = (text: string) =>
  /<title>([^<]*)<\/title>/.exec(text)?.[1] ?? 'a page without title';
