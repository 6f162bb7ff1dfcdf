import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { keep } from '../made-secrets';
import type { StackDir } from './layout';

const hex = (bytes: number) => () => randomBytes(bytes).toString('hex');

/** The secrets that docker-compose.temporal.yml has, each a private file of the same name, made at the first start. */
export interface StackSecrets {
  apiKey: string;
  holdfastPostgres: string;
  owner: string;
  run: string;
  temporalPostgres: string;
  fileOf: (name: string) => string;
}

export function stackSecrets({ secrets }: StackDir): StackSecrets {
  const fileOf = (name: string) => path.join(secrets, name);
  keep(fileOf('holdfast_keys'), () => `k1:${randomBytes(32).toString('base64')}`);
  keep(fileOf('holdfast_metrics_token'), hex(32));
  return {
    apiKey: keep(fileOf('holdfast_api_keys'), hex(32)),
    holdfastPostgres: keep(fileOf('holdfast_postgres_password'), hex(24)),
    owner: keep(fileOf('owner_password'), hex(24)),
    run: keep(fileOf('run_password'), hex(24)),
    temporalPostgres: keep(fileOf('temporal_postgres_password'), hex(24)),
    fileOf,
  };
}
