import { equalSecrets } from '../../crypto/hash';

export interface ClientCredentials {
  id: string;
  secret: string;
}

/** Whether a token request comes from our client, by `client_secret_basic` or `_post` (RFC 6749 section 2.3.1). */
export function isClient(
  client: ClientCredentials,
  authorization: string | undefined,
  form: URLSearchParams,
): boolean {
  const given = authorization === undefined ? fromForm(form) : fromHeader(authorization);
  if (given === undefined) return false;
  // Both compared, so that the time taken tells nothing.
  const [id, secret] = [
    equalSecrets(given.id, client.id),
    equalSecrets(given.secret, client.secret),
  ];
  return id && secret;
}

function fromForm(form: URLSearchParams): ClientCredentials | undefined {
  const id = form.get('client_id');
  const secret = form.get('client_secret');
  return id === null || secret === null ? undefined : { id, secret };
}

function fromHeader(header: string): ClientCredentials | undefined {
  const [, encoded] = /^basic ([A-Za-z0-9+/=]+)$/i.exec(header) ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  // Each half is form-encoded first, so that an id may hold a colon.
  const pair = new URLSearchParams(`id=${text.slice(0, colon)}&secret=${text.slice(colon + 1)}`);
  return { id: pair.get('id') ?? '', secret: pair.get('secret') ?? '' };
}
