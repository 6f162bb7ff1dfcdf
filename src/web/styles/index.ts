import { sha256 } from '../../crypto/hash';
import { base } from './base';
import { cards } from './cards';
import { controls } from './controls';
import { notices } from './alerts';
import { progress } from './progress';
import { tokens } from './tokens';

/** The style of every page. */
export const style = [tokens, base, controls, notices, cards, progress].join('');

/** The style as a source of `style-src`: with its hash it may stand in the page (CSP level 2). */
export const styleSource = `'sha256-${sha256(style).toString('base64')}'`;
