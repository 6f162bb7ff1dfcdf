import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

export interface LogCall {
  /** `src/db/pool.ts:47` */
  at: string;
  levels: string[];
  /** Undefined where the code doesn't say it in so many words. */
  event: string | undefined;
  sentence: string | undefined;
}

const root = path.resolve(__dirname, '../..');
const levels = ['error', 'warn', 'info', 'debug'];

/** Every call that writes a line to the log of a process. */
export function logCalls(): LogCall[] {
  return ['src', 'activities', 'workflows'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => `${folder}/${name}`)
      .filter((file) => file.endsWith('.ts') && !file.startsWith('src/web/client/'))
      .flatMap(callsIn),
  );
}

function callsIn(file: string): LogCall[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: LogCall[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const called = levelsOf(node.expression);
      if (called.length > 0) {
        const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
        found.push({ at: `${file}:${line}`, levels: called, ...saidBy(node) });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function levelsOf(called: ts.Expression): string[] {
  if (ts.isPropertyAccessExpression(called) && isLog(called.expression)) {
    return levels.filter((level) => level === called.name.text);
  }
  if (ts.isElementAccessExpression(called) && isLog(called.expression)) {
    const said = called.argumentExpression.getText();
    return levels.filter((level) => said.includes(`'${level}'`));
  }
  return [];
}

/** `log`, or the `log` of something. */
const isLog = (node: ts.Expression): boolean => /(^|\.)log$/.test(node.getText());

function saidBy({ arguments: given }: ts.CallExpression): Pick<LogCall, 'event' | 'sentence'> {
  const sentence = given.find(ts.isStringLiteral);
  const fields = given.find(ts.isObjectLiteralExpression);
  const event = fields?.properties.find(
    (property): property is ts.PropertyAssignment =>
      ts.isPropertyAssignment(property) && property.name.getText() === 'event',
  )?.initializer;
  return {
    event: event !== undefined && ts.isStringLiteral(event) ? event.text : undefined,
    sentence: sentence?.text,
  };
}
