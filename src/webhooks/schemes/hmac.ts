import type { HmacScheme } from '../../providers/webhook-declaration';
import { soleHeader, type WebhookRequest } from '../request';
import { createShiftCheck, signedPieces } from '../signed-id';
import { rejection, type Presented, type Rejection, type SignatureRule } from './scheme';

/** The rule that a declaration of `scheme: 'hmac'` describes. */
export function hmacRule(declaration: HmacScheme): SignatureRule {
  const template = signedPieces(declaration.signed ?? '{body}');
  const canShift = createShiftCheck(template);
  const { dedupeHeader } = declaration;
  return {
    algorithm: declaration.algorithm,
    encoding: declaration.encoding,
    secretFormat: 'text',
    timestampUnit: 'seconds',
    toleranceSeconds: declaration.toleranceSeconds ?? 300,
    proofHeaders: [declaration.header.toLowerCase()],
    read: (request) => {
      const presented = read(declaration, template, request);
      return presented.ok && canShift(presented.id ?? '') ? rejection('malformed_id') : presented;
    },
    content: (request, presented) => template.map((piece) => fill(piece, request, presented)),
    ...(dedupeHeader === undefined
      ? {}
      : { requestKey: (request: WebhookRequest) => soleHeader(request, dedupeHeader) ?? null }),
    eventType: (request) => optionalHeader(request, declaration.eventHeader) ?? null,
  };
}

function read(
  declaration: HmacScheme,
  template: readonly string[],
  request: WebhookRequest,
): Presented | Rejection {
  const { header, prefix = '', encoding, timestampHeader, dedupeHeader } = declaration;
  const signature = soleHeader(request, header);
  if (signature === undefined) return rejection('missing_signature');
  if (!signature.startsWith(prefix)) return rejection('malformed_signature');
  const timestamp = optionalHeader(request, timestampHeader);
  const timestampDue = timestampHeader !== undefined || template.includes('{timestamp}');
  if (timestampDue && timestamp === undefined) return rejection('missing_timestamp');
  const id = optionalHeader(request, dedupeHeader);
  if (id === undefined && template.includes('{id}')) return rejection('missing_id');
  const encoded = signature.slice(prefix.length);
  return {
    ok: true,
    signatures: [encoding === 'hex' ? encoded.toLowerCase() : encoded],
    timestamp: timestamp ?? null,
    id: id ?? null,
  };
}

function fill(piece: string, request: WebhookRequest, presented: Presented): string | Buffer {
  if (piece === '{body}') return request.body;
  if (piece === '{timestamp}') return presented.timestamp ?? '';
  if (piece === '{id}') return presented.id ?? '';
  return piece;
}

function optionalHeader(request: WebhookRequest, name: string | undefined): string | undefined {
  return name === undefined ? undefined : soleHeader(request, name);
}
