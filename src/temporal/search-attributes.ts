import { type Client, isGrpcServiceError } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { searchAttributes } from '../../workflows/contract/ids';
import { ConfigError } from '../config';
import { grpcCodes, isDenied } from './rights';

const { IndexedValueType } = temporal.api.enums.v1;

const all = Object.values(searchAttributes);
type Attribute = (typeof all)[number];

/**
 * The search attributes that a namespace lacks. Asked with lists of nobody: that needs no more right than any list, where the
 * operator service needs an administrator's.
 */
export async function missingSearchAttributes(client: Client): Promise<Attribute[]> {
  if (await areKnown(client, all)) return [];
  const known = await Promise.all(all.map((one) => areKnown(client, [one])));
  return all.filter((_one, index) => known[index] === false);
}

async function areKnown(client: Client, attributes: readonly Attribute[]): Promise<boolean> {
  const named = attributes.map(({ name }) => ` AND ${name} IS NULL`).join('');
  try {
    await client.workflowService.listWorkflowExecutions({
      namespace: client.options.namespace,
      query: `WorkflowId = "-"${named}`,
      pageSize: 1,
    });
    return true;
  } catch (error) {
    if (isGrpcServiceError(error) && (error.code as number) === grpcCodes.invalidArgument)
      return false;
    throw error;
  }
}

/**
 * Registers the search attributes that are missing. Through the operator service, because the dev server's option for them is
 * ignored where its database file exists already; where none is missing nothing asks for its right.
 *
 * @throws ConfigError with the commands for who may, where this client may not
 */
export async function registerSearchAttributes(client: Client): Promise<void> {
  const missing = await missingSearchAttributes(client);
  if (missing.length === 0) return;
  const { namespace } = client.options;
  try {
    await client.connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map(({ name, type }) => [name, indexed[type]])),
    });
  } catch (error) {
    if (isDenied(error)) throw refused(namespace, missing, error);
    // Another process was quicker.
    if (!isGrpcServiceError(error) || (error.code as number) !== grpcCodes.alreadyExists)
      throw error;
  }
}

const indexed = {
  KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  DATETIME: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
};

function refused(namespace: string, missing: readonly Attribute[], cause: unknown): ConfigError {
  const names = missing.map(({ name }) => name).join(', ');
  const pairs = missing.map(({ name, type }) => [
    name,
    type === 'DATETIME' ? 'Datetime' : 'Keyword',
  ]);
  const self = pairs.map(([name, type]) => ` --name ${name} --type ${type}`).join('');
  const cloud = pairs.map(([name, type]) => ` --search-attribute "${name}=${type}"`).join('');
  return new ConfigError(
    [
      `TEMPORAL_NAMESPACE: ${namespace} lacks the search attributes ${names}, and this client may not add them. Who may runs:`,
      `  temporal operator search-attribute create --namespace ${namespace}${self}`,
      'or, in Temporal Cloud:',
      `  tcld namespace search-attributes add --namespace ${namespace}${cloud}`,
    ],
    { cause },
  );
}
