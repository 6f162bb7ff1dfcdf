import type { Settings } from './settings';

export interface NoticeSettings {
  notifyUrl: string | undefined;
  /** Standard Webhooks secret (`whsec_…`). */
  notifySecret: string | undefined;
  notifySkipRecovered: boolean;
}

/** Standard Webhooks, "Signature scheme": 24 to 64 bytes. */
const secretForm = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/;

/** Where notices go; an address without a secret would send what nobody can verify. */
export function noticeSettings(settings: Settings): NoticeSettings {
  const allowed = 'whsec_ and the base64 of 24 to 64 bytes';
  const notifyUrl = settings.httpUrl('HOLDFAST_NOTIFY_URL');
  const notifySecret = settings.parsed<string | undefined>(
    'HOLDFAST_NOTIFY_SECRET',
    undefined,
    allowed,
    (raw) => {
      const bytes = Buffer.from(secretForm.exec(raw)?.[1] ?? '', 'base64').length;
      return bytes >= 24 && bytes <= 64 ? raw : undefined;
    },
  );
  if (notifyUrl !== undefined && settings.raw('HOLDFAST_NOTIFY_SECRET') === undefined) {
    settings.report('HOLDFAST_NOTIFY_SECRET', 'needed with HOLDFAST_NOTIFY_URL', allowed);
  }
  return {
    notifyUrl,
    notifySecret,
    notifySkipRecovered: settings.boolean('HOLDFAST_NOTIFY_SKIP_RECOVERED', false),
  };
}
