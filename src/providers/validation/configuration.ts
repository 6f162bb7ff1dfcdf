import { address, jsonPointer } from './address';
import { isPictureAddress } from '../../lib/http/picture-address';
import {
  asObject,
  errorCode,
  integer,
  isText,
  listOf,
  must,
  object,
  oneOf,
  oneOrMore,
  refuseUnknown,
  text,
  type Check,
  type Report,
} from './checks';
import { oauth } from './oauth';
import { toErrorCode } from '../error-code';
import { webhook } from './webhook';
import { foreignAccountAddress } from '../foreign-hosts';
import type { HoldfastConfiguration, ProviderDeclaration, RefreshErrorRule } from '../provider';

/** Part of addresses (`/oauth/<provider>/callback`), and of notices' streams. */
const providerName = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const handlerName = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
/** The handler that Holdfast brings itself. */
const reservedHandler = 'forward';

/** Any other is never seen: nothing else of a body is taken for an error. */
const readableError = must(
  'an error as it is read: a whole number, or letters, digits and _.- (64 at most)',
  (value) => Number.isSafeInteger(value) || (isText(value) && toErrorCode(value) !== undefined),
);

const ruleShape: Record<keyof RefreshErrorRule, Check> = {
  status: integer(100, 599),
  error: oneOrMore(readableError),
  means: oneOf('dead', 'transient', 'app'),
};

const refreshErrorRule: Check = (value, path, report) => {
  object(ruleShape, ['means'])(value, path, report);
  const { status, error } = asObject(value, path, () => undefined) ?? {};
  if (status === undefined && error === undefined) {
    report(path, 'must have a status or an error: else it would match every answer');
  }
};

const provider: Check = (value, path, report) => {
  const given = asObject(value, path, report);
  if (given === undefined) return;
  const probe = object(
    {
      url: address(parametersOf(given)),
      everySeconds: integer(1, 31_536_000),
      activePointer: jsonPointer,
    },
    ['url', 'everySeconds'],
  );
  const shape: Record<keyof ProviderDeclaration, Check> = {
    label: text,
    oauth,
    probe,
    webhook,
    refreshErrors: listOf(refreshErrorRule),
    refusedErrors: listOf(errorCode),
    privateAddresses: oneOf('allow'),
    logoUrl: must(
      'an address that begins with https://',
      (given) => isText(given) && isPictureAddress(given),
    ),
  };
  object(shape)(given, path, report);
  if (given['oauth'] === undefined && given['webhook'] === undefined) {
    report(path, 'must have oauth or webhook, or both');
  }
};

const handler = must('a function', (value) => typeof value === 'function');

/** Every fault of a configuration, one line each; never a value, which may be a secret. */
export function checkConfiguration(configuration: unknown): string[] {
  const faults: string[] = [];
  const report = (path: string, problem: string) => void faults.push(`${path} ${problem}`);
  const shape = {
    providers: named(providerName, 'lower-case letters, digits, _ and -', provider),
    handlers: named(handlerName, 'letters, digits and ._:-', handler),
  };
  const given = asObject(configuration, 'The configuration', report);
  if (given === undefined) return faults;
  for (const [key, value] of Object.entries(given)) {
    const check = Object.hasOwn(shape, key) ? shape[key as keyof typeof shape] : undefined;
    if (value !== undefined) check?.(value, key, report);
  }
  refuseUnknown(given, Object.keys(shape), '', report);
  const handlers = given['handlers'];
  if (typeof handlers === 'object' && handlers !== null && reservedHandler in handlers) {
    report(`handlers.${reservedHandler}`, 'is reserved: it posts to the destination');
  }
  if (faults.length === 0) checkProofs(configuration as HoldfastConfiguration, report);
  return faults;
}

/** Nobody would ever get an event, and each tenant's server would prove whatever it likes if it could. */
function checkProofs({ providers = {} }: HoldfastConfiguration, report: Report): void {
  for (const [name, declaration] of Object.entries(providers)) {
    const foreign = foreignAccountAddress(declaration);
    if (declaration.webhook?.accountProof !== 'oauth' || foreign === undefined) continue;
    report(
      `providers.${name}.webhook.accountProof`,
      `can't be had: the account comes from an address that may be any host, such as ${foreign.example}; end the pattern of ${foreign.parameters.map((parameter) => `"${parameter}"`).join(' and ')} with a domain of the provider's`,
    );
  }
}

function named(pattern: RegExp, allowed: string, check: Check): Check {
  return (value, path, report) => {
    for (const [name, inner] of Object.entries(asObject(value, path, report) ?? {})) {
      if (!pattern.test(name)) report(`${path}.${name}`, `has a bad name; allowed are ${allowed}`);
      check(inner, `${path}.${name}`, report);
    }
  };
}

function parametersOf(given: Record<string, unknown>): string[] {
  const declared = asObject(given['oauth'], '', () => undefined)?.['parameters'];
  return typeof declared === 'object' && declared !== null ? Object.keys(declared) : [];
}
