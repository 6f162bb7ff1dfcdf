/**
 * Whether a page may show a picture from there: over https, without a password, and from a host whose name can stand in
 * a content security policy (CSP level 3, `host-source`), which a semicolon would end.
 */
export function isPictureAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  return (
    protocol === 'https:' &&
    username + password === '' &&
    /^[a-z0-9.-]+$|^\[[0-9a-f:.]+\]$/.test(hostname)
  );
}
