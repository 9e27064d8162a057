// The default suite needs nothing but Node; the peer suite (npm run test:peers) needs the Debian packages of .ci/peers.
const peers = process.env.IMGKIT_TEST_PEERS === '1';

export default {
  files: peers ? ['dist/test/peers/**/*.test.js'] : ['dist/test/**/*.test.js', '!dist/test/peers/**'],
  timeout: '5m',
  workerThreads: false,
  ...(peers ? { concurrency: 2 } : {}),
};
