import { networkOptions } from '../../options/network.js';
import { code, heading, terms, text, type Topic } from '../blocks.js';
import { optionTerm } from '../option-groups.js';

/** The page about hosts, with the options from the table that the commands have them from. */
export function network(): Topic {
  return {
    name: 'network',
    summary: 'Hosts, passwords, TLS, time-outs: the options they share',
    blocks: [
      text('Every command that takes a location reaches hosts in the same way: sftp, ftp, ftps, http, https, registries (docker://) and engines (DOCKER_HOST).'),
      heading('Whom it believes'),
      text('TLS certificates must verify: authority, time, name; --ca adds an authority. An SSH host key must be in known_hosts, or be the one that --host-key names. There is no switch that turns this off for all hosts.'),
      heading('Passwords'),
      text('Never in an argument or URL. Looked for in this order: --password-file, $IMGKIT_PASSWORD, ~/.netrc ($NETRC), a prompt. Registries: the logins of docker, podman and skopeo, and their credential helpers. SSH: --ssh-key, the agent, keys in ~/.ssh. Credentials go to the host they are for, never along a redirect.'),
      heading('Options'),
      terms(...Object.entries(networkOptions).map(([name, option]) => optionTerm(name, option))),
      heading('Examples'),
      code(
        'imgkit fetch --host-key SHA256:4f53cda1... sftp://drop.example/pub/app.tar',
        'imgkit send app.tar --ca drop-ca.pem ftps://release@drop.example/pub/',
        'imgkit copy app.tar docker://lab:5000/app:1 --insecure-registry lab:5000',
      ),
      text('Proxies for HTTP come from https_proxy, http_proxy, all_proxy and no_proxy. Transfers that break off are resumed; each attempt and pause has an upper bound.'),
    ],
  };
}
