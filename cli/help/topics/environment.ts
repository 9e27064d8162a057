import { heading, terms, text, type Topic } from '../blocks.js';

export const environment: Topic = {
  name: 'environment',
  summary: 'Variables and files that imgkit looks at',
  blocks: [
    heading('Variables'),
    terms(
      ['IMGKIT_HOME', 'Folder of the store (as store) and of what watch remembers; else the XDG data folder'],
      ['IMGKIT_PASSWORD', 'Password for the host of this command'],
      ['IMGKIT_PASSPHRASE', 'Passphrase of the private key of this command'],
      ['IMGKIT_DEBUG', '1: errors come with their stack'],
      ['TMPDIR', 'Folder for what must be kept for a moment; on the disk that has the room'],
      ['DOCKER_HOST', 'The engine: unix:///path, tcp://HOST:PORT, ssh://HOST'],
      ['DOCKER_CONTEXT', 'The context whose engine it is, without DOCKER_HOST'],
      ['DOCKER_TLS_VERIFY', 'TLS for tcp://, with the files in DOCKER_CERT_PATH'],
      ['DOCKER_CONFIG', 'Folder of config.json (logins, current context) and of contexts (~/.docker)'],
      ['REGISTRY_AUTH_FILE', 'The only file with registry logins that counts'],
      ['NETRC', 'In place of ~/.netrc'],
      ['SSH_AUTH_SOCK', 'The SSH agent'],
      ['SOURCE_DATE_EPOCH', 'Time of images that are made, in seconds since 1970'],
      ['http_proxy', 'And https_proxy, all_proxy, no_proxy: proxies for HTTP'],
      ['NODE_EXTRA_CA_CERTS', 'PEM file of more authorities for TLS'],
      ['NO_COLOR', 'No colours, whatever its value, unless that is empty'],
    ),
    heading('Files'),
    terms(
      ['~/.local/share/imgkit', 'The store, unless IMGKIT_HOME, XDG_DATA_HOME or --store say otherwise'],
      ['~/.docker/config.json', 'Registry logins and credential helpers'],
      ['~/.netrc', 'Users and passwords by host; must be readable for its owner only'],
      ['~/.ssh', 'known_hosts and keys'],
    ),
    text('A file with a secret that others can read is refused (key-exposed, exit 4).'),
  ],
};
