import { jsonPointer } from './address-checks';
import {
  asObject,
  boolean,
  header,
  integer,
  listOf,
  object,
  oneOf,
  optional,
  text,
} from './checks';
import type { Check } from './checks';
import type { HmacScheme, WebhookScheme } from './provider';
import { placeholdersOf } from './placeholders';

const common: Record<string, Check> = {
  scheme: text,
  secrets: listOf(optional(text)),
  accountPointer: jsonPointer,
  eventsPointer: jsonPointer,
  successStatus: integer(200, 299),
  retries: boolean,
};

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

/** What each scheme takes beside what all take. */
const schemes: Record<WebhookScheme['scheme'], Check> = {
  'standard-webhooks': object(common),
  github: object(common),
  hmac: (value, path, report) => {
    object({ ...common, ...hmac }, ['header', 'algorithm', 'encoding'])(value, path, report);
    checkTemplate(value, path, report);
  },
  none: object(common),
};

export const webhook: Check = (value, path, report) => {
  const given = asObject(value, path, report);
  if (given === undefined) return;
  const { scheme } = given;
  if (typeof scheme === 'string' && Object.hasOwn(schemes, scheme)) {
    schemes[scheme as WebhookScheme['scheme']](given, path, report);
  } else {
    report(`${path}.scheme`, `must be one of ${Object.keys(schemes).join(', ')}`);
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
  if (names.includes('timestamp') && timestampHeader === undefined) {
    report(`${path}.timestampHeader`, 'is missing: "signed" holds {timestamp}');
  }
  if (names.includes('id') && dedupeHeader === undefined) {
    report(`${path}.dedupeHeader`, 'is missing: "signed" holds {id}');
  }
};
