import { Type } from 'typebox';
import { workflowIds } from '../../workflows/contract/ids';
import { listLink, lists, type UiPlace, uiPlaceIn, workflowLink } from '../temporal/ui-links';
import type { ApiClient } from './api-client';
import { facts, forTerminal } from './output';
import type { Overview } from './status-faults';

const link = Type.Union([Type.String(), Type.Null()]);
const integrationLinks = Type.Object({ temporalUrl: link, temporalUserUrl: Type.Optional(link) });

/** Where operators look. */
export interface KnownLinks {
  ui: UiPlace;
  /** The list of one user's: of the first example's user. Null where Temporal isn't told whose an integration is. */
  ofUser: string | null;
}

/**
 * Where the gateway's operators look, by what it says of what is broken: it alone knows what Temporal is told of users. Null where
 * nothing is broken, or it doesn't say.
 */
export async function readLinks(
  client: Pick<ApiClient, 'call'>,
  { broken }: Pick<Overview, 'broken'>,
): Promise<KnownLinks | null> {
  const example = broken?.[0]?.example;
  if (example === undefined) return null;
  try {
    const { temporalUrl, temporalUserUrl = null } = await client.call(
      integrationLinks,
      'GET',
      `/v1/integrations/${encodeURIComponent(example)}`,
    );
    const ui = temporalUrl === null ? null : uiPlaceIn(temporalUrl);
    return ui === null ? null : { ui, ofUser: temporalUserUrl };
  } catch {
    // What is wrong is told without links.
    return null;
  }
}

/**
 * What is broken, in Temporal's UI: all of it, then of each provider and reason the list and one of them; of the first one also the
 * list of its user's.
 */
export function linksText({ broken }: Pick<Overview, 'broken'>, known: KnownLinks | null): string {
  if (known === null || broken === null || broken.length === 0) return '';
  const { ui, ofUser } = known;
  const each = broken.flatMap(({ provider, code, example }): [string, string][] => [
    [`${provider}, ${code}`, listLink(ui, lists.brokenFor(provider, code))],
    [`  ${example}`, workflowLink(ui, workflowIds.integration(example))],
  ]);
  const links: [string, string][] = [['All broken', listLink(ui, lists.broken)], ...each];
  if (ofUser !== null) links.splice(3, 0, ["  all its user's", ofUser]);
  const rows = links.map(([name, link]): [string, string] => [
    forTerminal(name),
    forTerminal(link),
  ]);
  return `\nIn the Temporal UI:\n${facts(rows)}`;
}
