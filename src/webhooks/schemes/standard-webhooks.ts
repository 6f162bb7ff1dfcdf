import { textAt } from '../parsed-content';
import { checkEd25519, publicKeys } from './ed25519';
import { soleHeader } from '../request';
import { maxSignatures, refusal, type Scheme, type SignatureRule } from './scheme';
import { signed } from './hmac-signature';

/**
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * `v1` is HMAC-SHA256 with a secret `whsec_…`, `v1a` is Ed25519 with a public key `whpk_…`; both kinds
 * may stand in one list of secrets. Signatures of other versions are passed over.
 */
export const standardWebhooks: Scheme = {
  requestKey: (request) => soleHeader(request, 'webhook-id') ?? null,
  eventType: (_, event) => textAt(event, '/type'),
  authenticate(request, secrets) {
    const bySecret = shared.authenticate(request, secrets);
    const keys = publicKeys(secrets);
    if (bySecret === null || keys.length === 0) return bySecret;
    const byKey = checkEd25519(rule('v1a'), request, keys);
    // Of two refusals the one that got further says more.
    return byKey === null || bySecret.reason !== 'wrong_signature' ? byKey : bySecret;
  },
};

const rule = (version: 'v1' | 'v1a'): SignatureRule => ({
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
    const prefix = `${version},`;
    const signatures = header
      .split(' ', maxSignatures)
      .filter((entry) => entry.startsWith(prefix))
      .map((entry) => entry.slice(prefix.length));
    if (signatures.length === 0) return refusal('malformed_signature');
    return { ok: true, signatures, timestamp, id };
  },
  content: (request, { id, timestamp }) => [`${id ?? ''}.${timestamp ?? ''}.`, request.body],
});

const shared = signed(rule('v1'));
