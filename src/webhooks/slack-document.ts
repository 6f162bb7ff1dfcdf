const openBrace = 0x7b;

/**
 * What there is to look into in a request of Slack's: an event is JSON, an interaction is a form whose
 * `payload` is JSON, a command is a form. Only for looking: what is stored are the bytes as received.
 */
export function slackDocument(body: Buffer): Buffer {
  if (body.length === 0 || body[0] === openBrace) return body;
  const form = new URLSearchParams(body.toString('utf8'));
  const payload = form.get('payload');
  return Buffer.from(payload ?? JSON.stringify(Object.fromEntries(form)));
}
