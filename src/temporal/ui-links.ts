import type { Config } from '../config';

/** Addresses of Temporal's own UI, for operators. */
export interface UiPlace {
  /** Without a slash at its end. */
  url: string;
  namespace: string;
}

/** @returns null where nobody has said where the UI is */
export const uiPlaceOf = ({
  temporalUiUrl: url,
  temporalNamespace: namespace = 'default',
}: Partial<Pick<Config, 'temporalUiUrl' | 'temporalNamespace'>>): UiPlace | null =>
  url === undefined ? null : { url, namespace };

/** @param link of a workflow, as `workflowLink` makes it. @returns null where it is none */
export function uiPlaceIn(link: string): UiPlace | null {
  const [, url, namespace] =
    /^(https?:.*)\/namespaces\/([^/]+)\/workflows\/[^/]+$/.exec(link) ?? [];
  if (url === undefined || namespace === undefined) return null;
  return { url, namespace: decodeURIComponent(namespace) };
}

const inNamespace = ({ url, namespace }: UiPlace) =>
  `${url}/namespaces/${encodeURIComponent(namespace)}/workflows`;

/** The workflow of this id, its latest run. */
export const workflowLink = (ui: UiPlace, workflowId: string): string =>
  `${inNamespace(ui)}/${encodeURIComponent(workflowId)}`;

/** The workflows that a list filter finds. */
export const listLink = (ui: UiPlace, query: string): string =>
  `${inNamespace(ui)}?query=${encodeURIComponent(query)}`;

/** The list of one user's. @param shown as Temporal is told the user. @returns null where it is told none */
export const userLink = (ui: UiPlace, shown: string): string | null =>
  shown === '' ? null : listLink(ui, lists.ofUser(shown));

const quoted = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`;

/** Runs that have ended keep their attributes: every list is of the running ones. */
const running = 'ExecutionStatus="Running"';

/** List filters, as the UI and `temporal workflow list --query` take them. */
export const lists = {
  broken: `IntegrationStatus="ERROR" AND ${running}`,
  brokenFor: (provider: string, code: string) =>
    `IntegrationStatus="ERROR" AND IntegrationProvider=${quoted(provider)} AND IntegrationReason=${quoted(code)} AND ${running}`,
  /** @param shown as Temporal is told it */
  ofUser: (shown: string) => `IntegrationUser=${quoted(shown)} AND ${running}`,
};
