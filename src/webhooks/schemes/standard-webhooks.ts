import { soleHeader } from '../request';
import { refusal, type SignatureRule } from '../scheme';
import { textAt } from '../json-text';

/**
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * Only `v1` (HMAC-SHA256); signatures of other versions beside it are passed over.
 */
export const standardWebhooks: SignatureRule = {
  algorithm: 'sha256',
  encoding: 'base64',
  secretFormat: 'whsec',
  timestampUnit: 'seconds',
  toleranceSeconds: 300,
  read(request) {
    const header = soleHeader(request, 'webhook-signature');
    if (header === undefined) return refusal('missing_signature');
    const id = soleHeader(request, 'webhook-id');
    if (id === undefined) return refusal('missing_id');
    const timestamp = soleHeader(request, 'webhook-timestamp');
    if (timestamp === undefined) return refusal('missing_timestamp');
    const signatures = header
      .split(' ')
      .filter((entry) => entry.startsWith('v1,'))
      .map((entry) => entry.slice('v1,'.length));
    if (signatures.length === 0) return refusal('malformed_signature');
    return { ok: true, signatures, timestamp, id };
  },
  content: (request, { id, timestamp }) => [`${id ?? ''}.${timestamp ?? ''}.`, request.body],
  describe: (request) => ({
    dedupeKey: soleHeader(request, 'webhook-id') ?? null,
    eventType: textAt(request.body, 'type'),
  }),
};
