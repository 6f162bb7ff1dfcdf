import { createHmac, randomBytes } from 'node:crypto';

const bodyBytes = 1024;
const idLength = 24;
/** Of 32 bytes in Base64. */
const signatureLength = 44;
const markLength = idLength + signatureLength;

/** Webhooks that differ in their ids and signatures only: these are put into a request that stands ready. */
export interface SignedRequests {
  /** How many are left. */
  left(): number;
  /** Makes that many more. */
  sign(count: number): void;
  /** A request of a connection's own, which `next` fills in. */
  blank(): Buffer;
  /** @returns false where none is left */
  next(request: Buffer): boolean;
}

/**
 * @param url where they are posted to
 * @param secret `whsec_…`, for Standard Webhooks
 */
export function createSignedRequests(url: URL, secret: string): SignedRequests {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const run = `msg_${randomBytes(6).toString('hex')}`;
  const body = someBody();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const head = [
    `POST ${url.pathname} HTTP/1.1`,
    `Host: ${url.host}`,
    'User-Agent: webhooks/1.0',
    'Accept: */*',
    'Content-Type: application/json',
    `Content-Length: ${bodyBytes}`,
    `webhook-id: ${'i'.repeat(idLength)}`,
    `webhook-timestamp: ${timestamp}`,
    `webhook-signature: v1,${'s'.repeat(signatureLength)}`,
  ].join('\r\n');
  const template = Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), body]);
  const idAt = template.indexOf('iiii');
  const signatureAt = template.indexOf('ssss');

  let marks = Buffer.alloc(0);
  let used = 0;
  let made = 0;
  return {
    left: () => marks.length / markLength - used,
    sign: (count) => {
      const fresh = Buffer.alloc(count * markLength);
      for (let index = 0; index < count; index++) {
        const id = run + String(made++).padStart(idLength - run.length, '0');
        const hmac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body);
        fresh.write(id + hmac.digest('base64'), index * markLength, 'latin1');
      }
      marks = Buffer.concat([marks.subarray(used * markLength), fresh]);
      used = 0;
    },
    blank: () => Buffer.from(template),
    next: (request) => {
      const from = used * markLength;
      if (from === marks.length) return false;
      used++;
      marks.copy(request, idAt, from, from + idLength);
      marks.copy(request, signatureAt, from + idLength, from + markLength);
      return true;
    },
  };
}

/** Such as a CRM sends: 1,024 bytes of JSON. */
function someBody(): Buffer {
  const event = {
    type: 'contact.updated',
    timestamp: '2026-11-21T10:03:10.283Z',
    data: { object: 'contact', id: 'con_01a1fd8f50477cbf', email: 'grace@example.com', note: '' },
  };
  const room = bodyBytes - JSON.stringify(event).length;
  event.data.note = randomBytes(room).toString('base64url').slice(0, room);
  return Buffer.from(JSON.stringify(event));
}
