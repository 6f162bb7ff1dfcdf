import { Webhook } from 'standardwebhooks';
import { createSignedRequests } from '../../bench/load/signed-requests';

const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

function parse(request: Buffer) {
  const [head = '', body = ''] = request.toString('latin1').split('\r\n\r\n');
  const headers = head
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(': ') as [string, string]);
  return { headers: Object.fromEntries(headers), body };
}

test('each request is one of its own, of 1,024 bytes, and verifies', () => {
  const requests = createSignedRequests(new URL('http://127.0.0.1:1/webhooks/int_1'), secret);
  requests.sign(2);
  requests.sign(1);
  const request = requests.blank();
  const ids = new Set<string>();
  while (requests.next(request)) {
    const { headers, body } = parse(request);
    expect(body).toHaveLength(1024);
    expect(headers['Content-Length']).toBe('1024');
    new Webhook(secret).verify(body, headers);
    ids.add(headers['webhook-id'] ?? '');
  }
  expect(ids.size).toBe(3);
  expect(requests.left()).toBe(0);
});
