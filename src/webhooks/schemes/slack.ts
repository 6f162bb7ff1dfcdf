import { readPointer } from '../../lib/json-pointer';
import type { Handshake } from '../event';
import { firstTextAt, textAt, soleHeader, type Content, type WebhookRequest } from '../request';
import { isForm } from '../sender-habits';
import { rejection, type SignatureRule } from './scheme';

const prefix = 'v0=';

/**
 * https://docs.slack.dev/authentication/verifying-requests-from-slack,
 * https://docs.slack.dev/reference/events/url_verification,
 * https://docs.slack.dev/apis/events-api (`event_id` is unique across all workspaces),
 * https://docs.slack.dev/interactivity/implementing-slash-commands (`ssl_check`)
 * The signing secret signs nothing but requests of this form: events, commands, interactions, all of them meant.
 * Commands and interactions come as forms, carry no id and aren't sent again. `ssl_check` is not signed
 * (https://github.com/slackapi/bolt-js/blob/main/src/receivers/ExpressReceiver.ts).
 */
export const slack: SignatureRule = {
  algorithm: 'sha256',
  encoding: 'hex',
  secretFormat: 'text',
  timestampUnit: 'seconds',
  toleranceSeconds: 300,
  read(request) {
    const header = soleHeader(request, 'x-slack-signature');
    if (header === undefined) return rejection('missing_signature');
    if (!header.startsWith(prefix)) return rejection('malformed_signature');
    const timestamp = soleHeader(request, 'x-slack-request-timestamp');
    if (timestamp === undefined) return rejection('missing_timestamp');
    return { ok: true, signatures: [header.slice(prefix.length)], timestamp, id: null };
  },
  proofHeaders: ['x-slack-signature'],
  content: (request, { timestamp }) => [`v0:${timestamp ?? ''}:`, request.body],
  document: (request) => slackDocument(request.body),
  unsignedHandshake: (request) => (isSslCheck(request) ? plain('') : null),
  handshake(_, document) {
    const challenge = textAt(document, '/challenge');
    if (textAt(document, '/type') === 'url_verification' && challenge !== null) {
      return plain(challenge);
    }
    return textAt(document, '/ssl_check') === '1' ? plain('') : null;
  },
  eventKey: (event) => textAt(event, '/event_id'),
  eventType: (_, event) => firstTextAt(event, ['/event/type', '/type', '/command']),
  account: (named, event) => (isOfOrganization(event) ? organization(event) : null) ?? named,
};

/** An app of a whole organization gets events of all its workspaces: https://api.slack.com/enterprise/apps/reference */
function isOfOrganization({ json }: Content): boolean {
  return ['/authorizations/0', ''].some((at) => {
    const says = readPointer(json, `${at}/is_enterprise_install`);
    return says === true || says === 'true';
  });
}

const organization = (event: Content) =>
  firstTextAt(event, ['/authorizations/0/enterprise_id', '/enterprise_id', '/enterprise/id']);

const plain = (body: string): Handshake => ({
  status: 200,
  contentType: 'text/plain; charset=utf-8',
  body,
});

/** Longer than any; what anybody sends is not read for longer than that. */
const maxSslCheckBytes = 4 * 1024;

function isSslCheck(request: WebhookRequest): boolean {
  const { body } = request;
  if (body.length > maxSslCheckBytes || !isForm(request)) return false;
  return new URLSearchParams(body.toString('utf8')).get('ssl_check') === '1';
}

const openBrace = 0x7b;

/**
 * What there is to look into in a request of Slack's: an event is JSON, an interaction is a form whose
 * `payload` is JSON, a command is a form. Only for looking: what is stored are the bytes as received.
 */
function slackDocument(body: Buffer): Buffer {
  if (body.length === 0 || body[0] === openBrace) return body;
  const form = new URLSearchParams(body.toString('utf8'));
  const payload = form.get('payload');
  return Buffer.from(payload ?? JSON.stringify(Object.fromEntries(form)));
}
