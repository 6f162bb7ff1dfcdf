import { address, jsonPointer } from './address';
import { nearest } from '../../lib/nearest';
import {
  asObject,
  boolean,
  header,
  integer,
  isText,
  listOf,
  must,
  object,
  oneOf,
  oneOrMore,
  optional,
  refuseUnknown,
  text,
} from './checks';
import type { Check } from './checks';
import type {
  GooglePubsubScheme,
  HmacScheme,
  WebhookDeclaration,
  WebhookScheme,
} from '../webhook-declaration';
import { placeholdersOf } from '../url-templates';

const dedupeShape: Check = object({
  headers: listOf(header),
  pointers: listOf(jsonPointer),
  sameBodyWithinSeconds: integer(1, 2_592_000),
});

const dedupe: Check = (value, path, report) => {
  if (value === 'none') return;
  if (typeof value !== 'object' || value === null) {
    report(path, "must be 'none', or an object with headers, pointers or sameBodyWithinSeconds");
    return;
  }
  dedupeShape(value, path, report);
  const { headers = [], pointers = [], sameBodyWithinSeconds } = value as Record<string, unknown>;
  const named = [headers, pointers].some((list) => Array.isArray(list) && list.length > 0);
  if (named === (sameBodyWithinSeconds !== undefined)) {
    report(path, 'must have headers or pointers, or else sameBodyWithinSeconds');
  }
};

const common: Record<Exclude<keyof WebhookDeclaration, 'scheme' | 'secrets'>, Check> = {
  accountPointer: oneOrMore(jsonPointer),
  accountHeader: oneOrMore(header),
  eventsPointer: jsonPointer,
  eventTypePointer: oneOrMore(jsonPointer),
  deathEvents: listOf(text),
  successStatus: integer(200, 299),
  answerBody: oneOf('json', 'empty'),
  retries: boolean,
  dedupe,
  providerMakesSecret: must('true, or left out', (value) => value === true),
  accountProof: oneOf('oauth'),
  bodyLimitBytes: integer(1, 67_108_864),
};

const withSecrets = { scheme: text, secrets: listOf(optional(text)), ...common };

const hmac: Record<Exclude<keyof HmacScheme, 'scheme'>, Check> = {
  header,
  algorithm: oneOf('sha256', 'sha1', 'sha512'),
  encoding: oneOf('hex', 'base64'),
  prefix: text,
  signed: text,
  timestampHeader: header,
  toleranceSeconds: integer(1, 86_400),
  dedupeHeader: header,
  eventHeader: header,
};

const googlePubsub: Record<Exclude<keyof GooglePubsubScheme, 'scheme'>, Check> = {
  audience: text,
  serviceAccount: must(
    'an email address',
    (value) => isText(value) && /^[^@\s]+@[^@\s]+$/.test(value),
  ),
  keysUrl: address([]),
};

const plain = object(withSecrets);

/** What each scheme takes beside what all take. */
const schemes: Record<WebhookScheme['scheme'], Check> = {
  'standard-webhooks': plain,
  github: plain,
  stripe: plain,
  slack: plain,
  shopify: plain,
  hubspot: plain,
  attio: plain,
  // It has no secrets: one that is configured would seem to protect and doesn't.
  'google-pubsub': object({ scheme: text, ...common, ...googlePubsub }, [
    'audience',
    'serviceAccount',
  ]),
  hmac: (value, path, report) => {
    object({ ...withSecrets, ...hmac }, ['header', 'algorithm', 'encoding'])(value, path, report);
    checkTemplate(value, path, report);
  },
  none: plain,
};

const keysOfAnyScheme = Object.keys({ ...withSecrets, ...hmac, ...googlePubsub });

export const webhook: Check = (value, path, report) => {
  const given = asObject(value, path, report);
  if (given === undefined) return;
  const { scheme } = given;
  if (typeof scheme === 'string' && Object.hasOwn(schemes, scheme)) {
    schemes[scheme as WebhookScheme['scheme']](given, path, report);
    checkDeathEvents(given, path, report);
  } else {
    const names = Object.keys(schemes);
    const meant = typeof scheme === 'string' ? nearest(scheme, names) : undefined;
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    report(`${path}.scheme`, `must be one of ${names.join(', ')}${hint}`);
    refuseUnknown(given, keysOfAnyScheme, path, report);
  }
};

/** Schemes that know no type of an event by themselves. */
const untyped: readonly unknown[] = ['hmac', 'none'];

const checkDeathEvents: Check = (value, path, report) => {
  const given = value as Record<string, unknown>;
  const { scheme, deathEvents, eventTypePointer, eventHeader } = given;
  if (deathEvents === undefined || !untyped.includes(scheme)) return;
  if (eventTypePointer === undefined && eventHeader === undefined) {
    report(`${path}.eventTypePointer`, 'is missing: "deathEvents" are types, and none is known');
  }
};

const checkTemplate: Check = (value, path, report) => {
  const { signed = '{body}', timestampHeader, dedupeHeader } = value as Record<string, unknown>;
  if (typeof signed !== 'string') return;
  const names = placeholdersOf(signed);
  const at = `${path}.signed`;
  for (const name of names) {
    if (!['timestamp', 'id', 'body'].includes(name)) {
      report(at, `has {${name}}; known are {timestamp}, {id} and {body}`);
    }
  }
  if (!names.includes('body')) report(at, 'must hold {body}: else the body is not protected');
  if (/\{(timestamp|id|body)\}\{id\}|\{id\}\{(timestamp|body)\}/.test(signed)) {
    report(
      at,
      'must have text between {id} and its neighbour: else bytes could be shifted from one to the other',
    );
  }
  if (names.includes('timestamp') && timestampHeader === undefined) {
    report(`${path}.timestampHeader`, 'is missing: "signed" holds {timestamp}');
  }
  if (names.includes('id') && dedupeHeader === undefined) {
    report(`${path}.dedupeHeader`, 'is missing: "signed" holds {id}');
  }
};
