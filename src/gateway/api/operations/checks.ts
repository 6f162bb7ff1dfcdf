import {
  createObjections,
  type ConnectionRules,
  type Objection,
  portOf,
} from '../../../destinations/connection-rules';
import { ofThisMachine } from '../../../destinations/connector';
import { HoldfastError } from '../../../lib/errors';
import { didYouMeanAside } from '../../../lib/nearest';
import type { Provider } from '../../../providers/provider';
import { matchesWhole } from '../../../providers/url-templates';
import type { Registry } from '../../../providers/registry';
import type { GatewayConfig } from '../../deps';
import { minSecretBytes, secretLengthBytes } from '../../../webhooks/secret-length';
import type { GivenSecret } from './issue-secret';
import { isOwnWebhookAddress } from './own-webhook-address';

const maxMetadataBytes = 16 * 1024;

const invalid = (message: string) => new HoldfastError('invalid_request', message);

/** @throws HoldfastError `unknown_provider` */
export function checkProvider(registry: Registry, name: string): Provider {
  const provider = registry.get(name);
  if (provider !== undefined) return provider;
  const meant = didYouMeanAside(name, registry.names());
  const message = `This provider is not in the configuration${meant}.`;
  throw new HoldfastError('unknown_provider', message);
}

/** What a handler needs: its name in the configuration, or somewhere to forward to. */
export function checkHandler(
  handlerNames: readonly string[],
  { handler, destinationUrl }: { handler: string; destinationUrl: string | null },
): void {
  if (handler === 'forward') {
    if (destinationUrl === null)
      throw invalid('body.destination.url: is missing; forwarding needs it.');
  } else if (!handlerNames.includes(handler)) {
    const meant = didYouMeanAside(handler, ['forward', ...handlerNames]);
    throw invalid(
      `body.handler: must be "forward" or the name of a handler in the configuration${meant}.`,
    );
  }
}

const notAllowed: Record<Objection, string> = {
  not_public:
    'body.destination.url: must not lead to a private or link-local address; HOLDFAST_PRIVATE_DESTINATIONS can allow private ones.',
  own_server:
    "body.destination.url: must not lead to Holdfast's own Postgres or Temporal; give the application another host or port.",
};

/**
 * What can be posted to. Of a name it shows only at each connection whether it leads where it may; an address
 * that may never be connected to is better refused at once than at the first webhook.
 */
export function checkDestination(
  address: string,
  config: ConnectionRules & Pick<GatewayConfig, 'publicUrl' | 'host' | 'port'>,
): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw invalid('body.destination.url: must be an http or https address.');
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid('body.destination.url: must not hold a user name or password.');
  }
  if (url.port === '0') throw invalid('body.destination.url: must not have port 0.');
  const objection = createObjections(config, ofThisMachine).toHost(url.hostname, portOf(url));
  if (objection !== undefined) throw invalid(notAllowed[objection]);
  if (isOwnWebhookAddress(url, config)) {
    throw invalid(
      'body.destination.url: must not be an address at which Holdfast takes webhooks: each would come in again as a new one.',
    );
  }
  return url.href;
}

/** @returns JSON text */
export function checkMetadata(metadata: Record<string, unknown> | null): string | null {
  if (metadata === null) return null;
  const text = JSON.stringify(metadata);
  if (Buffer.byteLength(text) <= maxMetadataBytes) return text;
  throw invalid(`body.metadata: must be at most ${maxMetadataBytes} bytes of JSON.`);
}

/**
 * Each part of the addresses that a connection brings, by the provider's own rule.
 * @returns null where there is none
 */
export function checkParameters(
  provider: Provider,
  given: Record<string, string>,
): Record<string, string> | null {
  const declared = provider.oauth?.parameters ?? {};
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(declared, name));
  if (unknown !== undefined) {
    const meant = didYouMeanAside(unknown, Object.keys(declared));
    throw invalid(`body.parameters.${unknown}: is no parameter of this provider${meant}.`);
  }
  for (const [name, pattern] of Object.entries(declared)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined) throw invalid(`body.parameters.${name}: is missing.`);
    if (!matchesWhole(pattern, value)) {
      throw invalid(
        `body.parameters.${name}: must be letters, digits and ._~- of the form that the provider's declaration gives it.`,
      );
    }
  }
  return Object.keys(given).length === 0 ? null : given;
}

/** A secret that is no key lets nothing in, and a webhook that is refused says so too late. */
export function checkWebhookSecret(
  { webhook }: Provider,
  text: string,
  place: 'body.secret' | 'body.webhookSecret',
): GivenSecret {
  const lengthBytes = secretLengthBytes(webhook?.scheme, text);
  if (lengthBytes === null) {
    throw invalid(
      `${place}: must be "whsec_" and Base64, or "whpk_" and 32 bytes in Base64, for this provider.`,
    );
  }
  if (lengthBytes >= minSecretBytes) return { text, lengthBytes };
  throw invalid(`${place}: must have at least ${minSecretBytes} bytes.`);
}
