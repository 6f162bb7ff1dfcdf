import type { WebhookDeclaration } from '../providers/webhook-declaration';
import { proofHeaders } from './verify';

const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * The headers that concern one connection only and must not travel on: the fixed ones, and those
 * that `Connection` names (RFC 9110 section 7.6.1). `expect` is with them: it was for us.
 * @returns lower-case names
 */
export function hopByHopNames(
  headers: readonly (readonly [string, string])[],
): ReadonlySet<string> {
  const options = headers
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.split(',').map((option) => option.trim().toLowerCase()));
  return options.length === 0 ? hopByHop : new Set([...hopByHop, ...options]);
}

export type HeaderList = readonly (readonly [name: string, value: string])[];

const secretNames = ['authorization', 'cookie', 'proxy-authorization'];

const notKept = new WeakMap<WebhookDeclaration, ReadonlySet<string>>();

/** In lower case: those that hold somebody's credentials, or prove a webhook. */
function secretsOf(declaration: WebhookDeclaration): ReadonlySet<string> {
  const names = notKept.get(declaration) ?? new Set([...secretNames, ...proofHeaders(declaration)]);
  notKept.set(declaration, names);
  return names;
}

/**
 * The headers that are stored with a delivery: all but those that hold somebody's credentials or prove the webhook, and
 * those of the connection.
 * @param rawHeaders name, value, name, value, … as Node has them
 * @param declaration what the webhook was verified by
 * @returns JSON text: `[[name, value], …]` in their order
 */
export function keptHeaders(
  rawHeaders: readonly string[],
  declaration: WebhookDeclaration,
): string {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    pairs.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '']);
  }
  const dropped = hopByHopNames(pairs);
  const secrets = secretsOf(declaration);
  const isKept = (name: string) => !dropped.has(name) && !secrets.has(name);
  return JSON.stringify(pairs.filter(([name]) => isKept(name.toLowerCase())));
}

/** As senders call what proves their webhooks, where nobody says any more how they do. */
const looksLikeProof = /signature|hmac|token|secret/i;

/**
 * Reads back what `keptHeaders` wrote, less what proves the webhook: older versions stored that, and the declaration may
 * have been another one. Of a delivery whose body was dropped there is nothing.
 * @param declaration the provider's of today; undefined where there is none
 */
export function parseKeptHeaders(
  text: string,
  declaration: WebhookDeclaration | undefined,
): HeaderList {
  const proofs = proofHeaders(declaration);
  const headers = text === '' ? [] : (JSON.parse(text) as HeaderList);
  const isProof = (name: string) =>
    proofs.includes(name.toLowerCase()) || (declaration === undefined && looksLikeProof.test(name));
  return headers.filter(([name]) => !isProof(name));
}
