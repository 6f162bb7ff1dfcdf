import { attio } from './attio';
import type { BuiltIn } from './built-in';
import { github } from './github';
import { google } from './google';
import { hubspot } from './hubspot';
import { shopify } from './shopify';
import { slack } from './slack';
import { stripe } from './stripe';
import { stripeApps } from './stripe-apps';
import type { HoldfastConfiguration, ProviderDeclaration } from '../provider';

const builtIns = {
  attio,
  github,
  google,
  hubspot,
  shopify,
  slack,
  stripe,
  'stripe-apps': stripeApps,
} satisfies Record<string, BuiltIn>;

export type BuiltInName = keyof typeof builtIns;

export const builtInNames = Object.keys(builtIns) as BuiltInName[];

/** An application's own settings at one provider: both parts of the client, or neither. */
export interface AppSettings {
  client?: { clientId: string; clientSecret: string };
  webhookSecret?: string;
}

export type Apps = Readonly<Partial<Record<BuiltInName, AppSettings>>>;

/** The built-in providers that the application has settings for. */
export function builtInProviders(apps: Apps): Partial<Record<BuiltInName, ProviderDeclaration>> {
  const declared = builtInNames.flatMap((name) => {
    const declaration = declare(builtIns[name], apps[name] ?? {});
    return declaration === undefined ? [] : [[name, declaration] as const];
  });
  return Object.fromEntries(declared);
}

/** A configuration with the built-in providers beside its own, which replace those of the same name. */
export function withBuiltIns(
  configuration: HoldfastConfiguration,
  apps: Apps,
): HoldfastConfiguration {
  const { providers = {} } = configuration;
  // Anything else is a fault, which the registry reports.
  const isGood = isObject(configuration) && isObject(providers);
  return isGood
    ? { ...configuration, providers: { ...builtInProviders(apps), ...providers } }
    : configuration;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function declare(
  { oauth, webhook, signsWithClientSecret = false, ...rest }: BuiltIn,
  { client, webhookSecret }: AppSettings,
): ProviderDeclaration | undefined {
  const secret = webhookSecret ?? (signsWithClientSecret ? client?.clientSecret : undefined);
  const secrets = secret === undefined ? {} : { secrets: [secret] };
  const received = webhook === undefined ? {} : { webhook: { ...webhook, ...secrets } };
  if (client !== undefined) return { ...rest, ...received, oauth: oauth(client) };
  if (webhook === undefined || webhookSecret === undefined) return undefined;
  return { label: rest.label, ...received };
}
