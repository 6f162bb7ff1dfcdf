import { type Client, isGrpcServiceError } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { searchAttributes } from '../../workflows/contract/ids';

const { IndexedValueType } = temporal.api.enums.v1;
/** gRPC status code. */
const alreadyExists = 6;

/**
 * Registers the search attributes. Through the operator service, because the dev server's option for them is
 * ignored where its database file exists already.
 */
export async function registerSearchAttributes(client: Client): Promise<void> {
  const { namespace } = client.options;
  const { operatorService } = client.connection;
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing: Record<string, temporal.api.enums.v1.IndexedValueType> = {};
  for (const { name, type } of Object.values(searchAttributes)) {
    if (Object.hasOwn(customAttributes, name)) continue;
    missing[name] =
      type === 'DATETIME'
        ? IndexedValueType.INDEXED_VALUE_TYPE_DATETIME
        : IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;
  }
  if (Object.keys(missing).length === 0) return;
  try {
    await operatorService.addSearchAttributes({ namespace, searchAttributes: missing });
  } catch (error) {
    // Another process was quicker.
    if (!isGrpcServiceError(error) || (error.code as number) !== alreadyExists) throw error;
  }
}
