import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';

/** A signing key of a made-up Google. */
export interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
  jwk: object;
}

export async function signingKey(kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' };
  return { kid, privateKey, jwk };
}

export function token(key: SigningKey, claims: JWTPayload): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: key.kid, typ: 'JWT' })
    .sign(key.privateKey);
}

type Answer = (response: ServerResponse, path: string) => void;

export const answerKeys =
  (keys: readonly { jwk: object }[], cacheControl = 'public, max-age=3600'): Answer =>
  (response) => {
    response.writeHead(200, {
      'content-type': 'application/json',
      'cache-control': cacheControl,
    });
    response.end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));
  };

/** Serves a key set on loopback, and counts who asks. */
export async function startKeyServer(answer: Answer) {
  const server = createServer((request, response) => {
    state.requests++;
    state.answer(response, request.url ?? '');
  });
  const state = { answer, requests: 0 };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    state,
    url: `http://127.0.0.1:${String(port)}/certs`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  };
}
