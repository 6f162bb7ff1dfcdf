import type { DataConverter } from '@temporalio/common';

/** For clients and workers alike, so that both sides read a message in the same way. */
export const dataConverter: DataConverter = {
  payloadConverterPath: require.resolve('../../workflows/payload-converter'),
};
