import { packDeliveries } from '../../../src/db/queries/deliveries/accept';

test('each delivery’s parts lie where its lengths say, in bytes and not in characters', () => {
  const batch = ['[["x","é"]]', '[]', '[["😀",""]]'].map((headers, index) => ({
    dedupeHash: Buffer.alloc(31 + index, index),
    headers,
    body: Buffer.from([0, 255, index]),
  }));
  const { bytes, starts, hashLengths, headersLengths, bodyLengths } = packDeliveries(batch);
  const unpacked = starts.map((start, index) => {
    const headersAt = start + (hashLengths[index] ?? 0);
    const bodyAt = headersAt + (headersLengths[index] ?? 0);
    return {
      dedupeHash: bytes.subarray(start, headersAt),
      headers: bytes.toString('utf8', headersAt, bodyAt),
      body: bytes.subarray(bodyAt, bodyAt + (bodyLengths[index] ?? 0)),
    };
  });
  expect(unpacked).toEqual(batch);
});
