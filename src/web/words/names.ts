import type { ConnectionView } from '../pages/connection-view';

type Named = Pick<ConnectionView, 'provider' | 'nameBeside'>;

/** Without case, spaces and signs: "Acme" and "acme" say the same. */
const bare = (text: string): string => text.toLocaleLowerCase('en').replace(/[^\p{L}\p{N}]/gu, '');

/** Whether a connection's name says nothing that its provider's label doesn't. */
export const saysTheSame = (provider: string, name: string): boolean =>
  bare(provider) === bare(name);

/** "Acme (contacts)", or "Acme" where its name says no more. */
export const calledAs = ({ provider, nameBeside }: Named): string =>
  nameBeside === undefined ? provider : `${provider} (${nameBeside})`;

/** "Acme, contacts": for those who hear a button without what stands around it. */
export const heardAs = ({ provider, nameBeside }: Named): string =>
  nameBeside === undefined ? provider : `${provider}, ${nameBeside}`;
