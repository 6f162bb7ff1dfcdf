import { sha256 } from '../crypto/hash';
import { base } from './styles/base';
import { cards } from './styles/cards';
import { controls } from './styles/controls';
import { notices } from './styles/notices';
import { progress } from './styles/progress';
import { tokens } from './styles/tokens';

/** The style of every page. */
export const style = [tokens, base, controls, notices, cards, progress].join('');

/** The style as a source of `style-src`: with its hash it may stand in the page (CSP level 2). */
export const styleSource = `'sha256-${sha256(style).toString('base64')}'`;
