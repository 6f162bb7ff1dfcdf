import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as messages from '../../workflows/contract/messages';
import { workflowTypes } from '../../workflows/contract/ids';

const root = path.resolve(__dirname, '../..');

interface Event {
  activityTaskScheduledEventAttributes?: { activityType: { name: string } };
  workflowExecutionSignaledEventAttributes?: { signalName: string };
  workflowExecutionUpdateAcceptedEventAttributes?: {
    acceptedRequest: { input: { name: string } };
  };
  workflowExecutionStartedEventAttributes?: { workflowType: { name: string } };
  markerRecordedEventAttributes?: {
    markerName: string;
    details?: Record<string, { payloads?: { data: string }[] }>;
  };
}

/** What an event is a recording of, as `<kind> <name>`; of a patch the workflow too. */
function recordedBy(event: Event, workflow: string): string[] {
  const marker = event.markerRecordedEventAttributes;
  const names = {
    activity: event.activityTaskScheduledEventAttributes?.activityType.name,
    signal: event.workflowExecutionSignaledEventAttributes?.signalName,
    update: event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest.input.name,
    workflow: event.workflowExecutionStartedEventAttributes?.workflowType.name,
    [`patch ${workflow}`]: marker?.markerName === 'core_patch' ? patchIn(marker) : undefined,
  };
  return Object.entries(names).flatMap(([kind, name]) => (name ? [`${kind} ${name}`] : []));
}

function patchIn({ details = {} }: NonNullable<Event['markerRecordedEventAttributes']>) {
  const data = details['patch-data']?.payloads?.[0]?.data ?? '';
  return (JSON.parse(Buffer.from(data, 'base64').toString()) as { id: string }).id;
}

function recorded(): Set<string> {
  const folder = path.join(__dirname, 'histories');
  return new Set(
    readdirSync(folder).flatMap((file) => {
      const text = readFileSync(path.join(folder, file), 'utf8');
      const { events } = JSON.parse(text) as { events: Event[] };
      const started = events[0]?.workflowExecutionStartedEventAttributes;
      return events.flatMap((event) => recordedBy(event, started?.workflowType.name ?? ''));
    }),
  );
}

const found = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].flatMap(([, name]) => (name === undefined ? [] : [name]));

/** The sources of a workflow: its file, and whatever that imports of the folder. */
function sourcesOf(file: string, seen = new Map<string, string>()): Map<string, string> {
  if (seen.has(file)) return seen;
  const text = readFileSync(path.join(root, 'workflows', file), 'utf8');
  seen.set(file, text);
  for (const name of found(text, /\bfrom '\.\/([^/']+)'/g)) sourcesOf(`${name}.ts`, seen);
  return seen;
}

/** Of a function beside the one that the workflow imports. */
const others = ['patch replay short-histories'];

/** Everything that can stand in a history. Queries leave nothing there. */
function known(): string[] {
  const defined = Object.values(messages).flatMap((one) =>
    typeof one === 'object' && one.type !== 'query' ? [`${one.type} ${one.name}`] : [],
  );
  const patches = Object.values(workflowTypes).flatMap((type) =>
    [...sourcesOf(`${type}.ts`).values()].flatMap((text) =>
      found(text, /\bpatched\(\s*'([^']+)'/g).map((name) => `patch ${type} ${name}`),
    ),
  );
  const activities = found(
    readFileSync(path.join(root, 'activities/index.ts'), 'utf8'),
    /\b(\w+): (?:showing\(deps, )?create\w+\(deps\)/g,
  );
  return [
    ...defined,
    ...Object.values(workflowTypes).map((name) => `workflow ${name}`),
    ...new Set(patches.filter((patch) => !others.includes(patch))),
    ...activities.map((name) => `activity ${name}`),
  ];
}

test('every message, activity, workflow and patch is in a history that replays: npm run histories records them', () => {
  const all = known();
  // That the sources are still read: a pattern that finds nothing asks for nothing.
  for (const some of [
    'signal stored',
    'update refresh',
    'activity drainInbox',
    'patch credential trials',
  ]) {
    expect(all).toContain(some);
  }
  const inHistories = recorded();
  expect(all.filter((one) => !inHistories.has(one))).toEqual([]);
});
