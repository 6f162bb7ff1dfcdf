import { base } from './base';
import { cards } from './cards';
import { controls } from './controls';
import { notices } from './alerts';
import { progress } from './progress';
import { rows } from './rows';
import { tokens } from './tokens';

/** The style of every page, before a brand's colours. */
export const style = [tokens, base, controls, notices, rows, cards, progress].join('');
