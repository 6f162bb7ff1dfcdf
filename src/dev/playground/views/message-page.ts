import { html } from '../../../web/document/html';
import type { Document } from './document';

export function messagePage(title: string, message: string): Document {
  return {
    title: `Playground: ${title}`,
    narrow: true,
    content: html`<section>
      <h1>${title}</h1>
      <p>${message}</p>
      <p><a href="/">To the playground</a></p>
    </section>`,
  };
}
