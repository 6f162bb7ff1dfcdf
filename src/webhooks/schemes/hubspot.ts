import { createHash } from 'node:crypto';
import { memberSlices } from '../json-slices';
import { textAt, type Content, soleHeader } from '../request';
import { rejection, type SignatureRule } from './scheme';

/** HubSpot signs the address with these decoded, and no others. */
const decoded: Readonly<Record<string, string>> = {
  '%3A': ':',
  '%2F': '/',
  '%3F': '?',
  '%40': '@',
  '%21': '!',
  '%24': '$',
  '%27': "'",
  '%28': '(',
  '%29': ')',
  '%2A': '*',
  '%2C': ',',
  '%3B': ';',
};

/**
 * Version 3: https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
 * The secret is the app's client secret; signed are method, address, body and the time in milliseconds. HubSpot signs what
 * cards and workflow actions call in the same way, but with the address that they call: none of it is good for this one.
 *
 * https://developers.hubspot.com/docs/api/webhooks: up to 100 events of several accounts in one request,
 * sent again up to 10 times within 24 hours.
 */
export const hubspot: SignatureRule = {
  algorithm: 'sha256',
  encoding: 'base64',
  secretFormat: 'text',
  timestampUnit: 'milliseconds',
  toleranceSeconds: 300,
  read(request) {
    const signature = soleHeader(request, 'x-hubspot-signature-v3');
    if (signature === undefined) return rejection('missing_signature');
    const timestamp = soleHeader(request, 'x-hubspot-request-timestamp');
    if (timestamp === undefined) return rejection('missing_timestamp');
    return { ok: true, signatures: [signature], timestamp, id: null };
  },
  // Versions 1 and 2 are in the other one, and of the same secret.
  proofHeaders: ['x-hubspot-signature-v3', 'x-hubspot-signature'],
  content: ({ method, url, body }, { timestamp }) => [
    method + url.replaceAll(/%[0-9A-F]{2}/g, (encoding) => decoded[encoding] ?? encoding),
    body,
    timestamp ?? '',
  ],
  eventKey: contentKey,
  eventType: (_, event) => textAt(event, '/subscriptionType'),
};

/** Without any of these two events could be alike in all that they say. */
const identifying = ['/eventId', '/portalId', '/occurredAt'];

/**
 * HubSpot has no key to trust: `eventId` is "not guaranteed to be unique". So an event is known by all
 * that it says but `attemptNumber`, which is what a retry changes, each value as it was written: whose
 * event it is, of what, and when to the millisecond. Two that are alike in all of it count as one.
 */
function contentKey(event: Content): string | null {
  if (identifying.some((pointer) => textAt(event, pointer) === null)) return null;
  const members = memberSlices(event.bytes)
    .filter(({ name }) => name !== 'attemptNumber')
    .sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
  const hash = createHash('sha256');
  for (const { name, value } of members) {
    hash.update(`${JSON.stringify(name)}:`).update(value);
  }
  return `content-sha256:${hash.digest('hex')}`;
}
