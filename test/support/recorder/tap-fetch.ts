import { secretsOf } from './exchange';
import { noteSecret, noteText } from './record';
import { ownPorts } from './tap-http';

/** Reads along where a test asks a process of its own, such as a gateway that it started. */
export function tapFetch(): void {
  const original = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const response = await original(input, init);
    const url = URL.canParse(response.url) ? new URL(response.url) : null;
    const isText = /json|html|text\/plain/.test(response.headers.get('content-type') ?? '');
    if (url !== null && isText && !ownPorts.has(Number(url.port))) {
      void note(url, init, response.clone()).catch(() => undefined);
    }
    return response;
  };
}

async function note(url: URL, init: RequestInit | undefined, response: Response): Promise<void> {
  const { body } = init ?? {};
  const asked = typeof body === 'string' || body instanceof URLSearchParams ? String(body) : '';
  const responseBody = Buffer.from(await response.arrayBuffer());
  const secrets = secretsOf({
    path: url.pathname + url.search,
    requestHeaders: Object.fromEntries(new Headers(init?.headers)),
    requestBody: Buffer.from(asked),
    responseHeaders: {
      ...Object.fromEntries(response.headers),
      'set-cookie': response.headers.getSetCookie(),
    },
    responseBody,
  });
  for (const { kind, value } of secrets) noteSecret(kind, value);
  if (response.status >= 400) noteText('error answer', responseBody);
}
