import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { commands } from '../../src/cli/commands';
import { isSecret } from '../../src/config/settings';
import {
  type ComposeFile,
  composeFile,
  interpolate,
  networksOf,
  readComposeFile,
  root,
  servicesOf,
} from './compose-file';

const file = readComposeFile() as ComposeFile;
const services = servicesOf(file);
const own = services.filter(({ build }) => build !== undefined);
const filesOfRoles = ['holdfast_migrate_database_url', 'holdfast_database_url'].map(
  (secret) => `/run/secrets/${secret}`,
);
const metricsToken = '/run/secrets/holdfast_metrics_token';
const isJob = ({ restart }: { restart?: string }) => restart?.startsWith('on-failure:') ?? false;

describe('docker-compose.temporal.yml', () => {
  it('follows the schema of the Compose specification', () => {
    // The formats are Compose's own, and its reference to draft 7 differs from the usual one by a letter.
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
    const folder = path.dirname(require.resolve('dclint/package.json'));
    const { $schema, ...schema } = JSON.parse(
      readFileSync(path.join(folder, 'schemas/compose.schema.json'), 'utf8'),
    ) as Record<string, unknown>;
    expect($schema).toContain('draft-07');
    ajv.validate(schema, file);
    expect(ajv.errors).toBeNull();
  });

  it('names a release for every image that it does not build', () => {
    const pinned = services.filter(({ build }) => build === undefined);
    expect(pinned).not.toHaveLength(0);
    for (const { image } of pinned) expect(image).toMatch(/^[a-z/-]+:v?\d+\.\d+(\.\d+)?$/);
  });

  it("sets the schema up with the tools of the server's own release", () => {
    const release = (name: string) => file.services[name]?.image.split(':')[1];
    expect(release('temporal-schema')).toBe(release('temporal'));
    expect(release('temporal-namespace')).toBe(release('temporal'));
  });

  it('waits only for services that exist, and for what they can become', () => {
    const waits = services.flatMap((service) => Object.entries(service.depends_on ?? {}));
    expect(waits).not.toHaveLength(0);
    for (const [name, { condition }] of waits) {
      const target = file.services[name];
      expect(target).toBeDefined();
      if (condition === 'service_healthy') expect(target?.healthcheck?.test).toBeDefined();
      expect(isJob(target ?? {})).toBe(condition === 'service_completed_successfully');
    }
  });

  it('has somebody wait for every job, without which `up --wait` calls its end a failure', () => {
    const jobs = services.filter(isJob).map(({ name }) => name);
    const waitedFor = services
      .filter((service) => !isJob(service))
      .flatMap((service) => Object.keys(service.depends_on ?? {}));
    expect(jobs).not.toHaveLength(0);
    expect(waitedFor).toEqual(expect.arrayContaining(jobs));
  });

  it('publishes on loopback only, each port once', () => {
    const ports = services.flatMap((service) => service.ports ?? []);
    expect(ports).not.toHaveLength(0);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    const published = ports.map((port) => port.split(':')[1]);
    expect(new Set(published).size).toBe(published.length);
  });

  it('has what forwards share a network with Postgres, Temporal, the proxy and Prometheus alone, and reach the internet', () => {
    const sharing = (network: string) =>
      services.filter((service) => networksOf(service).includes(network)).map(({ name }) => name);
    expect(sharing('holdfast').sort()).toEqual(
      ['gateway', 'gateway-2', 'worker', 'migrate', 'holdfast-postgres', 'temporal'].sort(),
    );
    expect(sharing('edge').sort()).toEqual(['gateway', 'gateway-2', 'proxy']);
    expect(sharing('metrics').sort()).toEqual(['gateway', 'gateway-2', 'prometheus', 'worker']);
    for (const { name, ...service } of own) {
      expect([name, networksOf(service)]).toEqual([name, expect.not.arrayContaining(['temporal'])]);
    }
    for (const service of services) {
      // Without a network named, a service joins the default one.
      expect(networksOf(service)).not.toHaveLength(0);
      for (const network of networksOf(service))
        expect(Object.keys(file.networks)).toContain(network);
    }
    expect(file.networks['holdfast']?.internal ?? false).toBe(false);
    // What orders Prometheus about is off unless it is asked for.
    expect(file.services['prometheus']?.command?.join(' ')).not.toMatch(/--web\.enable/);
    // Those whom a service waits for or talks to have to be within reach.
    const on = (name: string) => networksOf(file.services[name] ?? { image: '' });
    for (const [from = '', to = ''] of [
      ['temporal-schema', 'temporal-postgres'],
      ['temporal-schema', 'temporal'],
      ['temporal', 'temporal-postgres'],
      ['temporal-ui', 'temporal'],
      ['gateway', 'holdfast-postgres'],
      ['gateway-2', 'temporal'],
      ['worker', 'temporal'],
      ['worker', 'holdfast-postgres'],
      ['migrate', 'holdfast-postgres'],
      ['proxy', 'gateway'],
      ['prometheus', 'worker'],
    ]) {
      expect([from, to, on(from).some((one) => on(to).includes(one))]).toEqual([from, to, true]);
    }
  });

  it('runs commands that Holdfast knows', () => {
    expect(own.map(({ command }) => command)).toEqual(
      expect.arrayContaining([['gateway'], ['worker'], ['migrate']]),
    );
    for (const { command = [] } of own) {
      expect(command).toHaveLength(1);
      expect(Object.keys(commands)).toContain(command[0]);
    }
  });

  it('starts what stays again, and hands signals on in every container', () => {
    for (const { name, restart, init } of services) {
      expect({ name, restart, init }).toEqual({
        name,
        restart: expect.stringMatching(/^(unless-stopped|on-failure:\d+)$/) as string,
        init: true,
      });
    }
  });

  it('hands every secret on as a file, and to nobody who has no use for it', () => {
    // Of the images of Postgres and of Temporal: theirs.
    const isTheirs = (name: string) => /PASSWORD|PWD|SECRET|_KEYS?$/.test(name);
    const files = services.flatMap(({ name: service, environment = {}, secrets = [] }) => {
      const named = Object.entries(environment).filter(([name]) => {
        const plain = name.replace(/_FILE$/, '');
        return isSecret(plain) || isTheirs(plain);
      });
      for (const [name] of named) expect(`${service}: ${name}`).toMatch(/_FILE$/);
      const mounted = secrets.map((secret) => `/run/secrets/${secret}`);
      const used = named.map(([, file]) => file);
      // Its script reads who the roles are.
      const ofRoles = service === 'holdfast-postgres' ? filesOfRoles : [];
      const ofScrapes = service === 'prometheus' ? [metricsToken] : [];
      expect([service, mounted.sort()]).toEqual([
        service,
        [...used, ...ofRoles, ...ofScrapes].sort(),
      ]);
      return used;
    });
    expect(files.length).toBeGreaterThan(8);
    expect(readFileSync(composeFile, 'utf8')).not.toMatch(/:\/\/\w+:[^@\s]+@/);
  });

  it('has a file for every secret, outside of git, and no more secrets than are used', () => {
    const used = new Set(services.flatMap(({ secrets = [] }) => secrets));
    expect([...used].sort()).toEqual(Object.keys(file.secrets).sort());
    for (const [name, { file: source }] of Object.entries(file.secrets)) {
      expect(source).toBe(`./deploy/secrets/${name}`);
    }
    expect(readFileSync(path.join(root, '.gitignore'), 'utf8')).toMatch(/^deploy\/secrets\/$/m);
  });

  it('stops with a sentence where deploy/make-env.sh has not run', () => {
    const { HOLDFAST_PUBLIC_URL: address = '' } = file.services['gateway']?.environment ?? {};
    expect(() => interpolate(address, {})).toThrow('make-env.sh');
  });

  it('mounts files that are there, and volumes that are declared', () => {
    const mounts = services.flatMap(({ volumes = [] }) => volumes);
    expect(mounts).not.toHaveLength(0);
    for (const mount of mounts) {
      const [source = ''] = interpolate(mount, {}).split(':');
      // The first is made by deploy/make-env.sh.
      if (source.startsWith('./deploy/secrets/')) expect(source).toBe('./deploy/secrets/further');
      else if (source.startsWith('.')) expect(existsSync(path.join(root, source))).toBe(true);
      else expect(Object.keys(file.volumes)).toContain(source);
    }
    const scripts = services.flatMap(({ command = [] }) => command).filter((s) => /^\//.test(s));
    expect(scripts).not.toHaveLength(0);
    for (const script of scripts) {
      expect(existsSync(path.join(root, script.replace(/^\/deploy/, 'deploy/temporal')))).toBe(
        true,
      );
    }
  });
});
