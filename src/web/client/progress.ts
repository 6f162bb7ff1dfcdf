import {
  type Course,
  progressAt,
  type ProgressView,
  signedOut,
  slow,
  unknown,
} from './progress-view.js';
import { followStatus } from './status-stream.js';

/** How long a connection may take to be seen working before the page says so; in ms. */
const usualMs = 20_000;

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no ${id}.`);
  return found;
}

function start(): void {
  const { base = '/', user = '', connection = '', kept, left } = element('progress').dataset;
  let course: Course = {
    total: Number(kept),
    done: Number(kept) - Number(left),
    hasWorked: false,
  };
  const following = followStatus({
    baseUrl: base,
    userId: user,
    onStatus: (status) => {
      const next = progressAt(course, connection, status);
      course = next.course;
      show(next.view);
    },
    onUnknown: () => show(unknown),
    onTokenExpired: () => show(signedOut),
  });
  const late = setTimeout(() => {
    if (!course.hasWorked) show(slow);
  }, usualMs);

  function show(view: ProgressView): void {
    render(view);
    if (view.isOver !== true) return;
    clearTimeout(late);
    following.stop();
  }
}

/** What the page said first. */
const connected = document.title;

function render(view: ProgressView): void {
  const { heading, sentence, bar, offersReconnect = false, isDone = false } = view;
  say(element('progress-sentence'), sentence);
  document.title = heading ?? connected;
  const title = document.querySelector('h1');
  if (title !== null) say(title, heading ?? connected);
  element('progress-reconnect').hidden = !offersReconnect;
  document.querySelector('.actions .main')?.classList.toggle('plain', offersReconnect);
  element('progress-bar').hidden = bar === undefined;
  element('progress-done').hidden = !isDone;
  if (isDone) goBack();
  const progress = document.querySelector('progress');
  if (bar === undefined || progress === null) return;
  progress.max = bar.max;
  progress.value = bar.value;
  element('progress-count').textContent = bar.text;
}

/** Long enough to see that all is done, and to stay. In ms. */
const returnMs = 5_000;

/** Goes where the person came from, unless they do anything; a frame leaves that to the page around it. */
function goBack(): void {
  const line = document.getElementById('progress-return');
  const { href } = line?.dataset ?? {};
  if (line === null || href === undefined || window.top !== window) return;
  line.hidden = false;
  const timer = setTimeout(() => location.assign(href), returnMs);
  const stay = () => {
    clearTimeout(timer);
    // It keeps its place: a link below that moves under the pointer would not be clicked.
    line.classList.add('over');
  };
  for (const deed of ['pointerdown', 'keydown'] as const) {
    document.addEventListener(deed, stay, { once: true });
  }
}

/** The same words once more would be read out once more. */
function say(line: Element, text: string): void {
  if (line.textContent !== text) line.textContent = text;
}

start();
