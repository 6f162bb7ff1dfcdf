import { sha256 } from '../../crypto/hash';
import { style } from '../styles';
import { brandColours } from '../styles/brand';

/** How pages look like the application's. */
export interface Brand {
  appName: string;
  /** An https address. */
  logoUrl: string | undefined;
  /** Of every page. */
  style: string;
  /** The style as a source of `style-src`: with its hash it may stand in the page (CSP level 2). */
  styleSource: string;
}

export interface BrandSettings {
  appName: string;
  appLogoUrl?: string | undefined;
  /** `#rrggbb`. */
  brandColor?: string | undefined;
}

export function createBrand({ appName, appLogoUrl, brandColor }: BrandSettings): Brand {
  const whole = brandColor === undefined ? style : style + brandColours(brandColor).style;
  return {
    appName,
    logoUrl: appLogoUrl,
    style: whole,
    styleSource: `'sha256-${sha256(whole).toString('base64')}'`,
  };
}
