import { html, type Html } from './html';

/** A change that a button asks the person's API for; a script does it. */
export interface Deed {
  method: 'POST' | 'PUT' | 'DELETE';
  path: string;
  body?: object;
  /** What the button says meanwhile. */
  doing: string;
  /** What is said once it is done. */
  done: string;
}

interface Button {
  id: string;
  label: string;
  /** What it is about, for those who hear the button without what stands around it. */
  about?: string | undefined;
  /** `main` has the brand's colour: what leads on. `sober`: what stops something. */
  look: 'main' | 'plain' | 'sober' | 'danger';
}

const words = (label: string, about: string | undefined): Html =>
  html`${label}${about === undefined ? undefined : html`<span class="unseen"> ${about}</span>`}`;

export const doButton = ({ id, label, about, look }: Button, deed: Deed): Html =>
  html`<button
    type="button"
    class="act live ${look}"
    id="${id}"
    data-method="${deed.method}"
    data-path="${deed.path}"
    data-body="${deed.body === undefined ? '' : JSON.stringify(deed.body)}"
    data-doing="${deed.doing}"
    data-done="${deed.done}"
  >
    ${words(label, about)}
  </button>`;

/** Opens the dialog whose id is its own with `-ask`. */
export const askButton = ({ id, label, about, look }: Button): Html =>
  html`<button
    type="button"
    class="act live ${look}"
    id="${id}"
    aria-haspopup="dialog"
    data-opens="${id}-ask"
  >
    ${words(label, about)}
  </button>`;

interface Question {
  /** Of the button that opens it. */
  opener: string;
  title: string;
  content: Html;
  /** What the way back is called. */
  cancel: string;
}

/** Asks before it is done. Its first button leads back. */
export const askDialog = ({ opener, title, content, cancel }: Question, act: Html): Html =>
  html`<dialog
    id="${opener}-ask"
    aria-labelledby="${opener}-title"
    aria-describedby="${opener}-text"
  >
    <form method="dialog">
      <h2 id="${opener}-title">${title}</h2>
      <div id="${opener}-text">${content}</div>
      <div class="actions"><button class="act plain">${cancel}</button>${act}</div>
    </form>
  </dialog>`;
