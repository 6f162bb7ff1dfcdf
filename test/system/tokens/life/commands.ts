import fc from 'fast-check';
import type { Caller, GrantKind } from './model-credential';
import { scripts, type Script } from './provider';
import { type Move, moves } from './rows';

/** Who uses which credential under which name: shared ones and separate ones. */
export const topologies = [
  [{ main: 0 }, { backup: 1, main: 0 }],
  [
    { backup: 1, main: 0 },
    { backup: 0, main: 1 },
  ],
  [{ main: 0 }, { backup: 2, main: 1 }, { backup: 0, main: 2 }],
  [{ main: 0 }, { main: 1 }, { backup: 2, main: 0 }],
] as const satisfies readonly Readonly<Record<string, number>>[][];

/**
 * Numbers pick among what there is, modulo its count. A `later` refresh comes when what was waited for is over: a
 * back-off, the claim of whoever stands still, and what the API's refusals are given.
 */
export type Command =
  | { do: 'refresh'; credential: number; caller: Caller; script: Script; run: Run; later: boolean }
  | { do: 'wake'; attempt: number }
  | { do: 'connect'; credential: number; grant: GrantKind; resume: number | null }
  | { do: 'take'; credential: number }
  /** The API refuses whatever it is shown, for over an hour. */
  | { do: 'refuse'; credential: number }
  /** An operator's words, heard at once, and the try that comes of them. */
  | { do: 'try'; credential: number; words: Word[]; script: Script; run: Run }
  | { do: 'move'; credential: number; move: Move }
  | { do: 'say'; integration: number; word: Word; credential: number }
  | { do: 'forge'; integration: number; credential: number; offsets: number[] }
  | { do: 'deliver'; mail: number; keep: boolean }
  | { do: 'look'; integration: number; twice: boolean; meanwhile: number | null }
  | { do: 'flip'; integration: number; to: Switch; twice: boolean; meanwhile: number | null }
  | { do: 'restart'; integration: number; how: 'continued' | 'emptied' }
  | { do: 'rest' };

/** One run; two at the same time; one that stands still having read its row, or having shown the token. */
export type Run = 'once' | 'twice' | 'stalls before' | 'stalls after';
type Switch = 'enable' | 'disable';
/** An operator's signals. */
export type Word = 'all dead' | 'all alive' | 'this one alive' | 'all alive, resume';

/** The first is shared, whatever the topology: most happens to it. */
const some = fc.constantFrom(0, 0, 1, 2);
const maybe = fc.option(some, { freq: 2 });
const callers: Caller[] = [
  'the clock',
  'the clock',
  'a need',
  'a refusal',
  'a refusal',
  'an old refusal',
  'a trial',
  'a trial',
];

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 18,
    arbitrary: fc.record({
      do: fc.constant('refresh' as const),
      credential: some,
      caller: fc.constantFrom(...callers),
      script: fc.constantFrom(...scripts, 'rotates' as const, 'rotates and hangs up' as const),
      run: fc.constantFrom<Run[]>('once', 'once', 'twice', 'stalls before', 'stalls after'),
      later: fc.constantFrom(true, true, false),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('wake' as const), attempt: some }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('connect' as const),
      credential: some,
      grant: fc.constantFrom<GrantKind[]>('full', 'full', 'bare', 'bare', 'bad'),
      resume: maybe,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('take' as const), credential: some }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('refuse' as const), credential: some }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('try' as const),
      credential: some,
      words: fc.constantFrom<Word[][]>(
        ['all alive'],
        ['all dead', 'all alive'],
        ['all dead', 'all alive, resume'],
      ),
      script: fc.constantFrom(...scripts, 'rotates' as const),
      run: fc.constantFrom<Run[]>('once', 'twice', 'stalls before', 'stalls after'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('move' as const),
      credential: some,
      move: fc.constantFrom<Move[]>(
        ...moves,
        'the token ends',
        'refused for an hour',
        'refused for an hour',
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('say' as const),
      integration: some,
      credential: some,
      word: fc.constantFrom<Word[]>('all dead', 'all alive', 'this one alive', 'all alive, resume'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('forge' as const),
      integration: some,
      credential: some,
      offsets: fc.constantFrom<number[][]>([0], [-1], [1], [-1, 0], [0, -1]),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      mail: fc.nat(9),
      keep: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('look' as const),
      integration: some,
      twice: fc.boolean(),
      meanwhile: maybe,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('flip' as const),
      integration: some,
      to: fc.constantFrom<Switch[]>('enable', 'disable'),
      twice: fc.boolean(),
      meanwhile: maybe,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('restart' as const),
      integration: some,
      how: fc.constantFrom<('continued' | 'emptied')[]>('continued', 'emptied'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rest' as const) }) },
);

/** A beginning, and what happens after it. */
export const life = fc.record({
  topology: fc.constantFrom(...topologies),
  /** Whether each credential is connected at the beginning. */
  connected: fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(true, true, true, false))),
  // Without the bias, which is to short lives.
  commands: fc.noBias(fc.array(command, { maxLength: 25, size: 'max' })),
});
export type Life = typeof life extends fc.Arbitrary<infer Value> ? Value : never;
