import { Type } from 'typebox';
import { workflowIds } from '../../workflows/contract/ids';
import { listLink, lists, type UiPlace, uiPlaceIn, workflowLink } from '../temporal/ui-links';
import type { ApiClient } from './api-client';
import { facts, forTerminal } from './output';
import type { Overview } from './status-faults';

const someIntegration = Type.Object({
  items: Type.Array(Type.Object({ temporalUrl: Type.Union([Type.String(), Type.Null()]) })),
});

/** Where the gateway's operators look, by what it says of any integration; null where it doesn't say. */
export async function readUiPlace(client: ApiClient): Promise<UiPlace | null> {
  try {
    const { items } = await client.call(someIntegration, 'GET', '/v1/integrations?limit=1');
    const link = items[0]?.temporalUrl ?? null;
    return link === null ? null : uiPlaceIn(link);
  } catch {
    // What is wrong is told without links.
    return null;
  }
}

/** What is broken, in Temporal's UI: all of it, then of each provider and reason the list and one of them. */
export function linksText({ broken }: Overview, ui: UiPlace | null): string {
  if (ui === null || broken === null || broken.length === 0) return '';
  const each = broken.flatMap(({ provider, code, example }): [string, string][] => [
    [`${provider}, ${code}`, listLink(ui, lists.brokenFor(provider, code))],
    [`  ${example}`, workflowLink(ui, workflowIds.integration(example))],
  ]);
  const links: [string, string][] = [['All broken', listLink(ui, lists.broken)], ...each];
  const rows = links.map(([name, link]): [string, string] => [
    forTerminal(name),
    forTerminal(link),
  ]);
  return `\nIn the Temporal UI:\n${facts(rows)}`;
}
