/** Markup that is safe to send: made by `html` alone, so that nothing gets in unescaped. */
export class Html {
  constructor(readonly text: string) {}
}

type Content = Html | string | number | undefined | readonly Html[];

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escape = (text: string) => text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);

function render(content: Content): string {
  if (content === undefined) return '';
  if (content instanceof Html) return content.text;
  if (typeof content === 'object') return content.map((part) => part.text).join('');
  return escape(String(content));
}

/**
 * A template whose values are escaped, for text and for quoted attributes. An address in `href` must
 * have been checked before: escaping doesn't make `javascript:` harmless.
 */
export function html(strings: TemplateStringsArray, ...values: Content[]): Html {
  return new Html(
    strings
      .map((part, index) => part + (index < values.length ? render(values[index]) : ''))
      .join(''),
  );
}
