import { PassThrough } from 'node:stream';
import type { Socket } from 'node:net';
import { parseFtpAddress } from '../../src/transport/ftp/ftp-address.js';
import { HttpSession } from '../../src/transport/http/http-session.js';
import { httpAbilities } from '../../src/transport/http/http-abilities.js';
import { listHttp } from '../../src/transport/http/http-list.js';
import { readHttp } from '../../src/transport/http/http-read.js';
import { statHttp } from '../../src/transport/http/http-stat.js';
import { awaitGreeting } from '../../src/transport/sftp/greeting.js';
import { readHostKey } from '../../src/transport/sftp/host-key.js';
import { SSH_VECTORS } from '../crypto/sign/ssh-vectors.js';
import { answeringClient, script, SCRIPT_JSON, SCRIPT_ORDER } from './fuzz-answers.js';
import { BYTES } from './fuzz-bytes.js';
import { talkFtp } from './fuzz-ftp.js';
import { drain, textTarget, type FuzzTarget } from './fuzz-target.js';
import { TEXT } from './fuzz-text.js';
import { SSH_WIRE } from './fuzz-wire.js';

const FOUND = '200\ncontent-length: 10\netag: "x"\nlast-modified: Mon, 01 Jan 2024 00:00:00 GMT\naccept-ranges: bytes\n\n';
const DAV = '207\n\n<?xml version="1.0"?><D:multistatus xmlns:D="DAV:"><D:response><D:href>/pub/b.tar</D:href><D:propstat><D:prop><D:getcontentlength>12</D:getcontentlength></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>';
const CHANGES = [SCRIPT_ORDER, ...SCRIPT_JSON, ...TEXT, ...BYTES];
const FTP = [
  '*\t220 hello', 'USER\t331 password', 'PASS\t230-welcome\\n here\\n230 in', 'TYPE\t200 ok', 'OPTS\t200 ok', 'CWD\t250 ok', 'REST\t350 ok', 'EPSV\t229 Entering Extended Passive Mode (|||PORT|)', 'PASV\t227 Entering Passive Mode (127,0,0,1,HIGH,LOW)',
];
const MACHINE = [...FTP, 'FEAT\t211-Features\\n MLST type*;size*;modify*;\\n SIZE\\n MDTM\\n REST STREAM\\n HASH SHA-256*\\n211 End', 'MLST\t250-Listing\\n type=file;size=12;modify=20240102030405; /pub/a.tar\\n250 End', 'MLSD\t150 listing', 'DATA\ttype=file;size=12;modify=20240102030405; a b.tar\\ntype=cdir; .\\ntype=dir; d', 'HASH\t213 SHA-256 0-11 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 /pub/a.tar', 'RETR\t150 here'];
const PLAIN = [...FTP, 'FEAT\t500 unknown', 'SIZE\t213 12', 'MDTM\t213 20240102030405', 'LIST\t150 listing', 'DATA\t-rw-r--r--   1 ftp  ftp  12 Jan 02 03:04 a b.tar\\ndrwxr-xr-x 2 ftp ftp 4096 Jan  2  2023 d\\nlrwxrwxrwx 1 ftp ftp 3 Jan  2  2023 l -> a', 'XSHA256\t250 e3b0', 'RETR\t150 here'];

/** What servers of files answer, above HTTP and TCP themselves. */
export function transportTargets(): readonly FuzzTarget[] {
  return [
    textTarget('http-stat', [FOUND, script('301\nlocation: /pub/a.tar/\n\n'), script('405\n\n', '206\ncontent-range: bytes 0-0/10\netag: "x"\n\nx'), script('200\n\n', DAV), script('401\nwww-authenticate: Digest realm=x, Basic realm="y"\n\n')], CHANGES, (text) => withSession(text, (session) => statHttp(session, '/pub/a.tar', {}))),
    textTarget('http-list', [DAV, script('405\n\n', '200\ncontent-type: text/html\n\n<title>Index of /pub/</title><a href="a.tar">a.tar</a>'), script('403\n\n', '200\ncontent-type: application/json\n\n[{"name":"a.tar","type":"file","size":12}]')], CHANGES, (text) => withSession(text, (session) => listHttp(session, '/pub', {}))),
    textTarget('http-read', [script('206\ncontent-range: bytes 5-14/15\netag: "x"\n\n0123456789'), script('200\ncontent-length: 15\netag: "x"\n\n012345678901234'), script('416\ncontent-range: bytes */5\n\n')], CHANGES, (text) => withSession(text, (session) => drain(readHttp(session, '/pub/a.tar', { offset: 5, version: '"x"' })))),
    textTarget('http-abilities', [script('200\ndav: 1,2\nallow: GET, PROPFIND , MOVE\n\n', FOUND), script('405\n\n', '200\n\n', '207\n\n', '404\n\n')], CHANGES, (text) => withSession(text, (session) => httpAbilities(session, '/pub/a.tar', {}))),
    textTarget('ftp-address', ['ftp://me@host:2121/a', 'ftps://[::1]/a', 'ftpes://a%20b@host:443/x'], [...TEXT, ...BYTES], parseFtpAddress),
    { name: 'ftp', share: 0.03, seeds: [MACHINE, PLAIN].map((lines) => Buffer.from(lines.join('\n'))), changes: [...TEXT, ...BYTES], run: (bytes) => talkFtp(bytes.toString('utf8')) },
    { name: 'ssh-greeting', seeds: ['SSH-2.0-OpenSSH_9.2\r\nrest', 'welcome\r\nall\r\nSSH-2.0-x\r\n', '220 mail\r\n', 'SSH-1.5-x\n'].map((text) => Buffer.from(text)), changes: [...BYTES, ...TEXT], run: greeted },
    { name: 'ssh-host-key', seeds: Object.values(SSH_VECTORS).map(({ publicLine }) => Buffer.from(publicLine.split(' ')[1] ?? '', 'base64')), changes: [...SSH_WIRE, ...BYTES], run: (bytes) => readHostKey(bytes) },
  ];
}

async function withSession(text: string, work: (session: HttpSession) => Promise<unknown>): Promise<void> {
  const session = new HttpSession(new URL('https://me@host.example/pub/'), answeringClient(text), { askPassword: () => Promise.resolve('secret') });
  await work(session);
  await session.close();
}

async function greeted(bytes: Buffer): Promise<void> {
  // Of a socket it needs no more than what any stream has.
  const socket = new PassThrough() as unknown as Socket;
  for (let at = 0; at < bytes.length; at += 3000) socket.write(bytes.subarray(at, at + 3000));
  socket.end();
  await awaitGreeting(socket, 'host');
  socket.destroy();
}
