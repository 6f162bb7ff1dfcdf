import type { Page } from './page';
import type { Brand } from './brand';

/**
 * Every header that says what a browser may do with an answer, in this one place: the list is short, and of a page's
 * policy each line depends on the page, so that a plugin with defaults would be told all of it anyway.
 *
 * Who may frame: nobody, where a click changes something, signs in or sets out for a provider, for it could be stolen
 * by what lies above the frame. Only a page that names `frameAncestors` can be framed, by those.
 */

/** For every answer; a page's own come over them. `max-age` is a year; nothing is said about other hosts of the domain. */
export function answerHeaders(publicUrl: string): Record<string, string> {
  return {
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    // Over plain http browsers ignore it, and must (RFC 6797 section 7.2).
    ...(publicUrl.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  };
}

/** What a page could ask of a person or a device; none does. */
const permissions = [
  ...['accelerometer', 'autoplay', 'bluetooth', 'camera', 'clipboard-read', 'display-capture'],
  ...['geolocation', 'gyroscope', 'hid', 'magnetometer', 'microphone', 'midi', 'payment'],
  ...['publickey-credentials-get', 'screen-wake-lock', 'serial', 'usb', 'xr-spatial-tracking'],
];

/**
 * Nothing may be loaded but what the page names: from the gateway itself, and images from the origins of those on it;
 * nothing is kept.
 */
export function pageHeaders(
  page: Page,
  { logoUrl, styleSource }: Pick<Brand, 'logoUrl' | 'styleSource'>,
): Record<string, string> {
  const { script, formAction, frameAncestors = [], referrerPolicy, images = [] } = page;
  const pictures = [...(logoUrl === undefined ? [] : [logoUrl]), ...images];
  const origins = [...new Set(pictures.map((address) => new URL(address).origin))].sort();
  const policy = {
    'default-src': "'none'",
    'style-src': styleSource,
    ...(origins.length === 0 ? {} : { 'img-src': origins.join(' ') }),
    ...(script === undefined ? {} : { 'script-src': "'self'", 'connect-src': "'self'" }),
    'base-uri': "'none'",
    'form-action': formAction ?? "'none'",
    'frame-ancestors': frameAncestors.join(' ') || "'none'",
  };
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': Object.entries(policy)
      .map((directive) => directive.join(' '))
      .join('; '),
    'permissions-policy': permissions.map((name) => `${name}=()`).join(', '),
    'referrer-policy': referrerPolicy ?? 'no-referrer',
    'cache-control': 'no-store',
    // For browsers that don't know frame-ancestors; it can't name who may.
    ...(frameAncestors.length === 0 ? { 'x-frame-options': 'DENY' } : {}),
  };
}
