/** Where a banner reads, and of whom. */
export interface BannerSettings {
  /** Absolute, without a slash at its end. */
  baseUrl: string;
  userId: string;
}

/** What no address can carry: browsers take dots out of a path, and half a surrogate pair has no encoding. */
const unaddressable = /^\.{1,2}$|\p{Cs}/u;

/**
 * @param pageUrl what a relative `base-url` counts from
 * @throws TypeError that names the attribute, and never quotes it: an application may have put a token there by mistake
 */
export function readSettings(
  attributes: { baseUrl: string | null; userId: string | null },
  pageUrl: string,
): BannerSettings {
  const { baseUrl, userId } = attributes;
  if (baseUrl === null || baseUrl === '') {
    throw new TypeError('base-url is missing: the address of Holdfast, as browsers reach it');
  }
  const parsed = URL.canParse(baseUrl, pageUrl) ? new URL(baseUrl, pageUrl) : null;
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.search || parsed.hash) {
    throw new TypeError(
      'base-url must be an http or https address without a query, such as https://holdfast.example',
    );
  }
  if (userId === null || userId === '') {
    throw new TypeError("user-id is missing: the person's id, as in POST /v1/sessions");
  }
  if (unaddressable.test(userId)) {
    throw new TypeError('user-id must be text, and neither "." nor ".."');
  }
  return { baseUrl: parsed.href.replace(/\/+$/, ''), userId };
}

/** @throws TypeError if it could not be sent in a header */
export function checkToken(token: string): void {
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new TypeError('token has characters that no session token has');
  }
}
