import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

export const root = path.resolve(__dirname, '../..');
export const composeFile = path.join(root, 'docker-compose.temporal.yml');

type Condition = 'service_started' | 'service_healthy' | 'service_completed_successfully';

/** As much of a service as the tests look at. */
export interface ComposeService {
  image: string;
  build?: string;
  command?: string[];
  restart?: string;
  init?: boolean;
  depends_on?: Record<string, { condition: Condition }>;
  environment?: Record<string, string>;
  healthcheck?: { test: string[] };
  ports?: string[];
  volumes?: string[];
  /** A list, or by name with an address. */
  networks?: string[] | Record<string, { ipv4_address?: string } | null>;
  profiles?: string[];
  extra_hosts?: string[];
  deploy?: { replicas?: number };
  stop_grace_period?: string;
  read_only?: boolean;
  cap_drop?: string[];
  secrets?: string[];
}

export interface ComposeFile {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
  networks: Record<string, { internal?: boolean; ipam?: { config: { subnet: string }[] } } | null>;
  secrets: Record<string, { file: string }>;
}

/** With its YAML merges carried out, its variables left as they stand. */
export function readComposeFile(): unknown {
  return parse(readFileSync(composeFile, 'utf8'), { merge: true });
}

/** Every service with its name. */
export function servicesOf(file: ComposeFile): (ComposeService & { name: string })[] {
  return Object.entries(file.services).map(([name, service]) => ({ ...service, name }));
}

/** The names of the networks that it is on. */
export const networksOf = ({ networks = [] }: ComposeService): string[] =>
  Array.isArray(networks) ? networks : Object.keys(networks);

/** Puts values in the place of `${NAME}`, `${NAME:-default}`, `${NAME:+text}` and `${NAME:?message}`, as Compose does. */
export function interpolate(text: string, env: NodeJS.Dict<string>): string {
  return text.replace(
    /\$\{(\w+)(?::([-+?])((?:[^${}]|\$\{\w+\})*))?\}/g,
    (_, name: string, kind?: string, rest?: string) => {
      const value = env[name];
      const isSet = value !== undefined && value !== '';
      if (kind === '+') return isSet ? interpolate(rest ?? '', env) : '';
      if (isSet) return value;
      if (kind === '-') return interpolate(rest ?? '', env);
      throw new Error(`${name} is not set: ${rest ?? 'no message'}`);
    },
  );
}
