import { code, heading, terms, text, type Topic } from '../blocks.js';

export const locations: Topic = {
  name: 'locations',
  summary: 'How to say where an image is: files, stores, engines, registries',
  blocks: [
    text('Commands take locations. A prefix always wins; a word without one is an archive when it starts with ".", "/" or "~" or ends like one (.tar .tgz .tar.gz .tar.zst .oci .age and the like), else a name in the local store.'),
    terms(
      ['PATH, -', 'An archive of any kind, recognised by its content; - is stdin or stdout. PATH#NAME picks one image of it'],
      ['NAME[:TAG|@DIGEST]', 'An image in the local store; so are 12 or more digits of its digest, and store:NAME. store: alone is all of it'],
      ['docker-daemon:NAME[:TAG]', 'An image of the Docker engine that DOCKER_HOST names'],
      ['docker://HOST/NAME[:TAG]', 'An image in a registry; docker://nginx is on Docker Hub'],
      ['docker://HOST/', 'To write only: every image under its own name there'],
      ['docker-archive:PATH[:NAME]', 'What docker save writes; PATH:@0 picks by position'],
      ['oci-archive:PATH[:REF]', 'An OCI layout in a tar'],
      ['oci:DIR[:REF]', 'An OCI layout in a folder'],
      ['sftp://HOST/PATH', 'An archive at a host; likewise ftp, ftps, ftpes, http, https, and file:///PATH on a mounted drive. A URL that ends with / is a folder'],
    ),
    heading('Examples'),
    code(
      'imgkit list app.tar                         every image of an archive',
      'imgkit inspect both.tar#app:1.9.6           one of several',
      'imgkit inspect ./app                        a file that looks like a name',
      'imgkit copy app:1.9.6 oci:layout            from the store into a folder',
      'imgkit load app.tar --into docker-daemon:   into the engine',
      'imgkit copy docker://host/app:1 app.tar     out of a registry',
    ),
    text('Where a word is both a file here and a possible name, imgkit asks which you mean (exit 2): ./app is the file, store:app the name. A password in a URL is refused: every user of the machine could see it.'),
  ],
};
