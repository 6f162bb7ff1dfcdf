import { element } from './banner-elements.js';

/** Says to screen readers what the banner shows; in the page all the time, since only changes are read out. */
export interface Announcer {
  nodes: Node[];
  /**
   * @param urgent interrupts what is being read: for a banner that appears, not for each change of it
   */
  say: (sentence: string, urgent: boolean) => void;
}

/** Long enough to be read out; after it the sentence would only stand twice in the page. In ms. */
const staysMs = 8_000;

export function createAnnouncer(): Announcer {
  const alert = element('div', { class: 'spoken', role: 'alert' });
  const status = element('div', { class: 'spoken', role: 'status' });
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    nodes: [alert, status],
    say: (sentence, urgent) => {
      clearTimeout(timer);
      alert.textContent = urgent ? sentence : '';
      status.textContent = urgent ? '' : sentence;
      timer = setTimeout(() => {
        alert.textContent = '';
        status.textContent = '';
      }, staysMs);
    },
  };
}
