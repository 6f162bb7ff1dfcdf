import { element, icon, type IconName, setText } from './banner-elements.js';
import type { BannerBox } from './banner-model.js';

export interface BoxView {
  node: HTMLElement;
  update: (box: BannerBox | null) => void;
}

/**
 * The red box, or the one for what is unknown.
 *
 * @param onClick may take a while; a sentence that it returns is shown as what went wrong
 */
export function createBox(kind: IconName, busy: string, onClick: () => Promise<string>): BoxView {
  const title = element('p', { class: 'title', part: 'title' });
  const reason = element('p', { class: 'reason', part: 'reason' });
  const text = element('p', { part: 'text' });
  const fault = element('p', { class: 'fault', part: 'fault', role: 'status' });
  const button = element('button', { class: 'action', part: 'action', type: 'button' });
  const words = element('div', { class: 'words' }, title, reason, text, fault);
  const body = element('div', { class: 'body' }, words);
  const line = element('div', { class: 'line', part: 'line' }, icon(kind), body);
  const node = element('div', { class: `box ${kind}`, part: `box ${kind}` }, line);
  let label = '';
  let isBusy = false;

  const show = () => {
    setText(button, isBusy ? busy : label);
    button.setAttribute('aria-disabled', String(isBusy));
  };
  button.addEventListener('click', () => {
    if (isBusy) return;
    isBusy = true;
    setText(fault, '');
    show();
    void onClick().then((wrong) => {
      isBusy = false;
      setText(fault, wrong);
      show();
    });
  });
  return {
    node,
    update: (box) => {
      node.hidden = box === null;
      if (box === null) {
        setText(fault, '');
        return;
      }
      setText(title, box.title);
      setText(reason, box.reason === undefined ? '' : `“${box.reason}”`);
      setText(text, box.text);
      label = box.button ?? '';
      if (box.button === undefined) button.remove();
      else if (!button.isConnected) body.append(button);
      show();
    },
  };
}
