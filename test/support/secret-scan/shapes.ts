/** What looks like a secret, also where nobody noted it. */
const shapes: Readonly<Record<string, RegExp>> = {
  'something like a webhook secret': /whsec_[A-Za-z0-9+/=]{20,}/g,
  'something like an API key': /hfk_[\w-]{43}/g,
  'something like a bearer token': /Bearer [\w.~+/=-]{12,}/gi,
  'something like a form with a secret':
    /\b(?:client_secret|refresh_token|code_verifier)=[^\s&"]{8,}/g,
  'a private key': /-----BEGIN [A-Z ]*PRIVATE KEY-----/g,
};

export function shapesIn(bytes: Buffer): { at: number; end: number; kind: string }[] {
  const text = bytes.toString('latin1');
  return Object.entries(shapes).flatMap(([kind, shape]) =>
    [...text.matchAll(shape)].map((match) => ({
      ...{ at: match.index, end: match.index + match[0].length },
      kind,
    })),
  );
}
