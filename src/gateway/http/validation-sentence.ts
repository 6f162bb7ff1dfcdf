import type { FastifySchemaValidationError } from 'fastify';
import { didYouMeanAside } from '../../lib/nearest';
import { patternWords } from './schemas/text';

/** The part of a schema that a rule is said from; `description` ends the sentence "It must be …". */
interface Schema {
  type?: unknown;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  maxProperties?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  properties?: Record<string, unknown>;
  patternProperties?: Record<string, unknown>;
}

/** With `verbose`, ajv says which schema it was. */
type Fault = FastifySchemaValidationError & { parentSchema?: Schema };

const places: Readonly<Record<string, string>> = { querystring: 'query', params: 'path' };

const unions = ['anyOf', 'oneOf'];

/**
 * The place of a value and the rule that it breaks, in words: `body.credentials.main.expiresAt: must be …`. Never the
 * value, which may be a secret, and never a pattern.
 *
 * @param context the part of the request, as Fastify names it
 */
export function validationSentence(
  faults: readonly FastifySchemaValidationError[],
  context: string,
): string {
  const told = faults.filter(({ keyword }) => !unions.includes(keyword)) as Fault[];
  const depth = Math.max(...told.map(depthOf));
  // Of a union each part has a fault: what came furthest is what was meant.
  const [first, ...others] = told.filter((fault) => depthOf(fault) === depth);
  if (first === undefined) return `${placeOf(context, '')}: is not valid.`;
  const place = placeOf(context, first.instancePath);
  const { missingProperty, additionalProperty } = first.params;
  if (typeof missingProperty === 'string') return `${place}.${short(missingProperty)}: is missing.`;
  if (typeof additionalProperty === 'string') return unknownKey(place, additionalProperty, first);
  const same = others.filter(({ instancePath }) => instancePath === first.instancePath);
  return `${place}: must be ${wordsOfAll([first, ...same].map((fault) => fault.parentSchema))}.`;
}

/** What is missing or unknown in an object is in it. */
const depthOf = ({ instancePath, params }: Fault): number =>
  instancePath.split('/').length +
  ('missingProperty' in params || 'additionalProperty' in params ? 1 : 0);

/** A JSON Pointer (RFC 6901) with dots. */
function placeOf(context: string, pointer: string): string {
  const keys = pointer.split('/').slice(1);
  const names = keys.map((key) => short(key.replaceAll('~1', '/').replaceAll('~0', '~')));
  return [places[context] ?? context, ...names].join('.').slice(0, 150);
}

const short = (name: string) => name.slice(0, 64);

function unknownKey(place: string, key: string, { parentSchema = {} }: Fault): string {
  const { properties = {}, patternProperties } = parentSchema;
  if (patternProperties !== undefined) {
    const rule = patternWords(Object.keys(patternProperties)[0] ?? '') ?? 'of another form';
    return `${place}: each name in it must be ${rule}, and "${short(key)}" is not.`;
  }
  const meant = didYouMeanAside(key, Object.keys(properties));
  return `${place}.${short(key)}: is not known here${meant}.`;
}

/** Of a union's parts. */
function wordsOfAll(schemas: readonly (Schema | undefined)[]): string {
  const constants = schemas.flatMap((schema) => (schema?.const === undefined ? [] : schema.const));
  if (constants.length > 1 && constants.length === schemas.length) return oneOf(constants);
  return [...new Set(schemas.map((schema) => wordsOf(schema ?? {})))].join(' or ');
}

/** The whole rule of one value. */
function wordsOf(schema: Schema): string {
  if (schema.enum !== undefined) return oneOf(schema.enum);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  switch (schema.type) {
    case 'string':
      return textWords(schema);
    case 'integer':
      return `a whole number${range(schema)}`;
    case 'number':
      return `a number${range(schema)}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return `a list${entries(schema.minItems, schema.maxItems, schema.uniqueItems)}`;
    case 'object':
      return `an object${entries(undefined, schema.maxProperties)}`;
    case 'null':
      return 'null';
    default:
      return schema.description ?? 'of another kind';
  }
}

const oneOf = (words: readonly unknown[]) => `one of: ${words.join(', ')}`;

function textWords({ description, format, pattern, minLength, maxLength }: Schema): string {
  if (format === 'date-time') return 'an RFC 3339 time, such as 2026-01-31T12:00:00Z';
  if (description !== undefined) return description;
  if (pattern !== undefined) return patternWords(pattern) ?? 'text of another form';
  if (maxLength === undefined) return minLength === undefined ? 'text' : 'text that is not empty';
  return minLength === undefined
    ? `text of at most ${maxLength} characters`
    : `text of ${minLength} to ${maxLength} characters`;
}

function range({ minimum, maximum }: Schema): string {
  if (minimum === undefined) return maximum === undefined ? '' : ` of at most ${maximum}`;
  return maximum === undefined ? ` from ${minimum} on` : ` from ${minimum} to ${maximum}`;
}

function entries(least: number | undefined, most: number | undefined, areDifferent = false) {
  const what = areDifferent ? 'different entries' : 'entries';
  if (most !== undefined)
    return ` of ${least === undefined ? 'at most' : `${least} to`} ${most} ${what}`;
  if (least !== undefined) return ` of at least ${least} ${what}`;
  return areDifferent ? ` of ${what}` : '';
}
