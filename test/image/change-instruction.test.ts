import test from 'ava';
import { stringifyCanonical } from '../../src/content/json-write.js';
import { parseJson, type JsonObject } from '../../src/content/json.js';
import { applyChanges, joinChanges } from '../../src/image/change-instruction.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';

const container = (value: object = {}): JsonObject => parseJson(Buffer.from(JSON.stringify(value)), 'test', DEFAULT_LIMITS) as JsonObject;
const apply = (changes: readonly string[], base: object = {}): unknown => JSON.parse(stringifyCanonical(applyChanges(container(base), changes)));

/** What moby's builder makes of it (dockerfile/dispatchers.go, buildkit shell/lex.go). */
const CASES: readonly (readonly [changes: string | readonly string[], expected: object, base?: object])[] = [
  ['CMD ["/hello", "a b"]', { Cmd: ['/hello', 'a b'] }],
  ['cmd echo $HOME "x"', { Cmd: ['/bin/sh', '-c', 'echo $HOME "x"'] }],
  ["CMD ['/hello']", { Cmd: ['/bin/sh', '-c', "['/hello']"] }],
  ['CMD []', { Cmd: [] }],
  ['CMD run it', { Shell: ['/bin/bash', '-ec'], Cmd: ['/bin/bash', '-ec', 'run it'] }, { Shell: ['/bin/bash', '-ec'] }],
  ['ENTRYPOINT ["/e"]', { Entrypoint: ['/e'] }, { Cmd: ['old'] }],
  [['CMD ["new"]', 'ENTRYPOINT ["/e"]'], { Cmd: ['new'], Entrypoint: ['/e'] }, { Cmd: ['old'] }],
  ['ENTRYPOINT []', {}, { Entrypoint: ['/x'] }],
  ['ENV A=1 B="two words" C=three\\ words D=\'$A\'', { Env: ['A=1', 'B=two words', 'C=three words', 'D=$A'] }],
  ['ENV A the rest "of it"', { Env: ['A=the rest of it'] }],
  ['ENV B=$A-${A}-${X:-dflt}-${A:+set}-${X:+no}-\\$A', { Env: ['A=1', 'B=1-1-dflt-set--$A'] }, { Env: ['A=1'] }],
  ['ENV A=2 B=$A', { Env: ['A=2', 'B=1'] }, { Env: ['A=1'] }],
  ['ENV A="x\\"y\\z" E=""', { Env: ['A=x"y\\z', 'E='] }],
  ['ENV A=1 \\\n  # a comment\n\n  B=2', { Env: ['A=1', 'B=2'] }],
  ['EXPOSE 80 53/UDP 7000-7002/tcp $P', { Env: ['P=9/sctp'], ExposedPorts: { '53/udp': {}, '7000/tcp': {}, '7001/tcp': {}, '7002/tcp': {}, '80/tcp': {}, '9/sctp': {} } }, { Env: ['P=9/sctp'] }],
  ['EXPOSE 1:2 3-4:5 1.2.3.4:5:6 1.2.3.4::7 [::1]:8:9 :10 11-12:13-14/udp', { ExposedPorts: { '10/tcp': {}, '13/udp': {}, '14/udp': {}, '2/tcp': {}, '5/tcp': {}, '6/tcp': {}, '7/tcp': {}, '9/tcp': {} } }],
  ['LABEL b=2 a="x y" "c d"=e', { Labels: { a: 'x y', b: '2', 'c d': 'e' } }],
  ['LABEL __proto__=x', { Labels: JSON.parse('{"__proto__":"x"}') as object }],
  ['HEALTHCHECK --interval=1m30s --timeout=500ms --retries=3 CMD curl -f http://x || exit 1', { Healthcheck: { Test: ['CMD-SHELL', 'curl -f http://x || exit 1'], Interval: 90e9, Timeout: 5e8, Retries: 3 } }],
  ['HEALTHCHECK --interval="5s" --timeout=\'1s\' CMD x', { Healthcheck: { Test: ['CMD-SHELL', 'x'], Interval: 5e9, Timeout: 1e9 } }],
  ['HEALTHCHECK CMD ["/bin/true"]', { Healthcheck: { Test: ['CMD', '/bin/true'] } }],
  ['HEALTHCHECK NONE', { Healthcheck: { Test: ['NONE'] } }],
  [['ONBUILD RUN make', 'ONBUILD COPY . /app'], { OnBuild: ['RUN make', 'COPY . /app'] }],
  ['STOPSIGNAL SIGRTMIN+3', { StopSignal: 'SIGRTMIN+3' }],
  ['USER "$U":1', { Env: ['U=me'], User: 'me:1' }, { Env: ['U=me'] }],
  ['VOLUME ["/a b", "/c"]', { Volumes: { '/a b': {}, '/c': {} } }],
  ['VOLUME /x /y', { Volumes: { '/x': {}, '/y': {} } }],
  // Two backslashes at the end of a line are one, and the line ends there.
  [joinChanges(['CMD dir c:\\\\', 'ENV A=x\\\\', 'USER x']), { Cmd: ['/bin/sh', '-c', 'dir c:\\\\'], Env: ['A=x\\'], User: 'x' }],
  [joinChanges(['ENV A=1 \\', 'B=2', 'USER x']), { Env: ['A=1', 'B=2'], User: 'x' }],
  ['ENV A=1 \\\r\n  B=2\r\nUSER x\r', { Env: ['A=1', 'B=2'], User: 'x' }],
  [['WORKDIR /a', 'WORKDIR b/../c'], { WorkingDir: '/a/c' }],
  ['USER 0', { Odd: [1], User: '0' }, { Odd: [1] }],
];

for (const [changes, expected, base] of CASES) {
  const list = typeof changes === 'string' ? [changes] : changes;
  test(`${JSON.stringify(list.join(' / '))}${base === undefined ? '' : ` on ${JSON.stringify(base)}`}`, (t) => {
    t.deepEqual(apply(list, base), expected);
  });
}

const REFUSED = [
  'RUN make', 'FROM x', 'CMD', 'CMD ["a"] b', 'CMD [1]', 'CMD ["a", ["b"]]', 'VOLUME [{"/a": 1}]', 'CMD --port 80', 'ENV --x=y a=b', 'ONBUILD --x RUN y', 'EXPOSE "80 81"', 'EXPOSE host:80', 'EXPOSE 1.2.3:80:90', 'EXPOSE 999999:90', 'ENV', 'ENV A', 'ENV A=1 B', 'ENV =1', 'ENV A="open', 'ENV A=${B', 'ENV A=${B:=c}', 'ENV A=${B?', 'ENV A=${B:?no}', 'EXPOSE', 'EXPOSE http', 'EXPOSE 70000',
  'EXPOSE 9-8', 'EXPOSE 1/icmp', 'HEALTHCHECK', 'HEALTHCHECK RUN x', 'HEALTHCHECK CMD', 'HEALTHCHECK NONE x', 'HEALTHCHECK --interval=1 CMD x', 'HEALTHCHECK --interval=1us CMD x', 'HEALTHCHECK --interval=0 CMD x', 'HEALTHCHECK --start-period=0s CMD x', 'HEALTHCHECK --retries=0 CMD x', 'HEALTHCHECK --x=1 CMD x',
  'ONBUILD', 'ONBUILD ONBUILD RUN x', 'ONBUILD FROM x', 'STOPSIGNAL SIGNONE', 'STOPSIGNAL 0', 'STOPSIGNAL RTMIN+16', 'STOPSIGNAL RTMAX-15', 'STOPSIGNAL RTMAX+1', 'USER', 'VOLUME', 'VOLUME [""]', 'VOLUME /a $NONE', 'WORKDIR', 'WORKDIR ""',
];

for (const change of REFUSED) {
  test(`refused: ${change}`, (t) => {
    t.throws(() => apply([change]), { code: 'usage' });
  });
}
