import { askFor, type Request } from './page-requests.js';

interface Around {
  say: (words: string, kind?: 'good' | 'bad') => void;
  /** Shows the page anew. */
  refresh: () => Promise<unknown>;
}

/** Lets the page's buttons do what they say: those that ask first open their dialog, the others ask the API. */
export function startActions(main: HTMLElement, around: Around): void {
  main.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('button') : null;
    if (button === null) return;
    const { opens, path } = button.dataset;
    if (opens !== undefined) openDialog(opens);
    else if (path !== undefined) void act(button, path, around);
  });
}

function openDialog(id: string): void {
  const dialog = document.getElementById(id);
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
}

async function act(button: HTMLButtonElement, path: string, { say, refresh }: Around) {
  if (button.getAttribute('aria-disabled') === 'true') return;
  const dialog = button.closest('dialog');
  const opener =
    dialog === null ? button : document.querySelector(`[data-opens="${CSS.escape(dialog.id)}"]`);
  const cardId = button.closest('.card')?.id;
  const words = [...button.childNodes];
  button.setAttribute('aria-disabled', 'true');
  button.textContent = button.dataset['doing'] ?? '';
  const outcome = await askFor(requestOf(button, path));
  button.removeAttribute('aria-disabled');
  button.replaceChildren(...words);
  dialog?.close();
  if (outcome.kind === 'refused') say(outcome.why, 'bad');
  await refresh();
  if (outcome.kind === 'done') say(button.dataset['done'] ?? '');
  // Where the keyboard was is gone.
  if (opener?.isConnected !== true && document.activeElement === document.body) focusNear(cardId);
}

function requestOf(button: HTMLButtonElement, path: string): Request {
  const { method = 'POST', body = '' } = button.dataset;
  if (body === '') return { method, path, body: undefined };
  const field = button.closest('dialog')?.querySelector('[data-field]');
  const said =
    field instanceof HTMLTextAreaElement && field.value.trim() !== ''
      ? { [field.dataset['field'] ?? '']: field.value.trim() }
      : {};
  return { method, path, body: { ...(JSON.parse(body) as Record<string, unknown>), ...said } };
}

/** The keyboard goes on at the connection's row, or at the head of the page where that is gone too. */
function focusNear(cardId: string | undefined): void {
  const row = document.getElementById(`${cardId ?? ''}-row`) ?? document.querySelector('h1');
  row?.focus();
}
