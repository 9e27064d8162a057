#!/bin/sh
# publish.sh IMAGE...: brings each image to the FTP server, encrypted for its receivers and signed by us.
# An image is anything that imgkit takes: docker-daemon:app:1.9.6, app.tar, store:app:1.9.6
#
#   DROP           folder at the server: ftpes://release@drop.example/pub/
#   PASSWORD_FILE  file with the password, mode 0600
#   CA             the authority of the server's certificate, PEM
#   RECIPIENTS     public keys of the receivers, one a line (age1..., ssh-ed25519 ...)
#   SIGNING_KEY    our private key
#   OUTBOX         folder where archives are kept, so that a cut transfer can go on (default: outbox)
set -eu

if [ $# -eq 0 ]; then
  echo "usage: publish.sh IMAGE..." >&2
  exit 2
fi
outbox=${OUTBOX:-outbox}
mkdir -p "$outbox"

for image in "$@"; do
  # Names and digests of all that is in it name the file: what differs in one image gets another name, and nothing is published twice.
  facts=$(imgkit digest "$image" --json)
  case $facts in
    *'"manifest"'*) ;;
    *)
      echo "publish.sh: $image: holds no image" >&2
      exit 1
      ;;
  esac
  id=$(printf '%s\n' "$facts" | grep -v -e '^  "location"' -e '^  "file"' | sha256sum | cut -c 1-12)
  file=$outbox/image-$id.tar.gz.age
  # An archive that is there was finished: it gets its name only then.
  if [ ! -e "$file" ]; then
    imgkit verify "$image" --quiet
    imgkit save "$image" -o "$file" --recipients-file "$RECIPIENTS"
  fi
  if [ ! -e "$file.sha256.sig" ]; then
    imgkit sign "$file" --key "$SIGNING_KEY"
  fi
  # Under a temporary name, then its own, then signature and checksum. Run it again after a cut: it goes on.
  imgkit send "$file" "$DROP" --ca "$CA" --password-file "$PASSWORD_FILE"
done
