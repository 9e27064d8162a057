import { findNetrcEntry, parseNetrc } from '../../src/network/netrc.js';
import { proxyFor } from '../../src/network/proxy.js';
import { parseChallenges } from '../../src/registry/auth/challenge.js';
import { judgeRealm } from '../../src/registry/auth/token-realm.js';
import { nextLink } from '../../src/registry/link-header.js';
import { loginAddress, mirrorAddress, registryAddress } from '../../src/registry/registry-address.js';
import { parseContentRange } from '../../src/transport/http/content-range.js';
import { readFolderIndex } from '../../src/transport/http/folder-index.js';
import { readMultistatus } from '../../src/transport/http/multistatus.js';
import { parseMlsxLine } from '../../src/transport/ftp/mlsx-line.js';
import { parseKnownHosts } from '../../src/transport/sftp/known-hosts.js';
import { matchesHost } from '../../src/transport/sftp/match-host.js';
import { parseRemoteUrl } from '../../src/transport/remote-url.js';
import { parseUrlLocation } from '../../src/image/location-url.js';
import { SSH_VECTORS } from '../crypto/sign/ssh-vectors.js';
import { BYTES } from './fuzz-bytes.js';
import { JSON_CHANGES } from './fuzz-json.js';
import { textTarget, type FuzzTarget } from './fuzz-target.js';
import { TEXT } from './fuzz-text.js';
import { armored, SSH_WIRE } from './fuzz-wire.js';

const PROPFIND = '<?xml version="1.0"?>\n<D:multistatus xmlns:D="DAV:"><D:response><D:href>/a/b%20c.tar</D:href><D:propstat><D:prop><D:getcontentlength>12</D:getcontentlength><D:resourcetype><D:collection/></D:resourcetype><D:getetag>"x&amp;y"</D:getetag><D:getlastmodified>Mon, 01 Jan 2024 00:00:00 GMT</D:getlastmodified></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response><!-- c --></D:multistatus>';
const INDEX = '<html><head><title>Index of /a/</title></head><body><a href="../">../</a><a href="b%20c.tar">b c.tar</a> 01-Jan-2024 12 <a class=x href=\'d/\'>d/</a></body></html>';

/** What servers say, and the files that name hosts and passwords. */
export function remoteTargets(): readonly FuzzTarget[] {
  const hosts = `# c\n${Object.values(SSH_VECTORS).map(({ publicLine }, i) => `${['host,10.0.0.1', '[host]:2222', '|1|QUJDREVGR0hJSktMTU5PUFFSU1Q=|QUJDREVGR0hJSktMTU5PUFFSU1Q='][i] ?? '*'} ${publicLine}\n`).join('')}@revoked * ${SSH_VECTORS.ed25519.publicLine}\n`;
  const address = registryAddress('registry.example:5000');
  return [
    textTarget('netrc', ['machine host login me password "a b\\"c"\nmacdef x\nfoo\n\ndefault login anonymous password y\n# c\n'], [...TEXT, ...BYTES], (text) => findNetrcEntry(parseNetrc(text), 'host', 'me')),
    textTarget('challenge', ['Bearer realm="https://auth.example/token?a=1",service="x",scope="repository:a/b:pull,push", Basic realm="y\\"z"', 'Negotiate abc==, Digest nonce=1'], [...TEXT, ...BYTES], (text) => parseChallenges(text).map(({ parameters }) => judgeRealm(parameters.get('realm') ?? '', 'https://registry.example:5000', address))),
    textTarget('link-header', ['</v2/_catalog?last=x&n=100>; rel="next", <x>; rel=prev'], TEXT, nextLink),
    textTarget('registry-address', ['registry.example:5000/hub', 'https://docker.io/v1/', '[::1]:5000/a-b/c'], TEXT, (text) => [() => mirrorAddress(text), () => loginAddress(text)].map(either)),
    textTarget('propfind', [PROPFIND], [...TEXT, ...BYTES], (text) => [...readMultistatus(text, 'the server')]),
    textTarget('index-html', [INDEX], [...TEXT, ...BYTES], (text) => readFolderIndex(text, 'text/html; charset=utf-8', 'https://host/a/')),
    textTarget('index-json', ['[{"name":"a b.tar","type":"file","mtime":"Mon, 01 Jan 2024 00:00:00 GMT","size":12},{"name":"d/","is_dir":true}]'], [...JSON_CHANGES, ...TEXT], (text) => readFolderIndex(text, 'application/json', 'https://host/a/')),
    textTarget('content-range', ['bytes 0-9/10', 'bytes */10'], TEXT, parseContentRange),
    textTarget('mlsx', ['type=file;size=12;modify=20240102030405.123; a b.tar', 'type=cdir;perm=el; .'], [...TEXT, ...BYTES], parseMlsxLine),
    textTarget('known-hosts', [hosts], [...TEXT, ...armored(SSH_WIRE)], (text) => parseKnownHosts(text, 'the file').map(({ hosts: names }) => matchesHost(names, '[host]:2222'))),
    textTarget('remote-url', ['sftp://me@host:2222/a/b%20c.tar?x=1', 'ftps://[::1]/a/', 'file:///a/../b', 'https://host/a%2Fb'], TEXT, (text) => (parseUrlLocation(text)?.kind === 'url' ? parseRemoteUrl(text) : undefined)),
    textTarget('proxy', ['10.0.0.0/8, .example.com,*.x,[::1]:80,host:443,fe80::/10'], TEXT, (text) => proxyFor(new URL('https://host.example.com/'), { https_proxy: 'http://proxy:3128', no_proxy: text })),
    textTarget('proxy-url', ['http://me:secret@proxy:3128', 'proxy:3128', 'socks5://x'], TEXT, (text) => proxyFor(new URL('https://host.example.com/'), { https_proxy: text })),
  ];
}

/** Runs `work`; an ImgkitError of the first must not hide what the second does. */
function either(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if ((error as Error).name !== 'ImgkitError') throw error;
    return undefined;
  }
}
