#!/usr/bin/env bash
# Signs, verifies, encrypts and decrypts an image of 5 GiB in every format, both ways with the standard tools, and prints time
# and peak memory of each of our commands: ./test/bench/large-trust.sh [GIB]. Needs three times that on the disk, and GNU time.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
gib=${1:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export IMGKIT_HOME=$work/home TMPDIR=$work
umask 077

# One of our commands, measured.
ours() {
  local what=$1
  shift
  /usr/bin/time -o measured -f '%e %M' node "$root/dist/cli/bundle/main.js" "$@" --quiet --progress none >/dev/null
  awk -v what="$what" '{ printf "%-44s %7.1f s %5d MB\n", what, $1, $2 / 1000 }' measured
}
# One of theirs: it must be content.
theirs() {
  "$@" >/dev/null 2>said || { echo "FAILED: $*" && cat said && exit 1; }
}

echo "an image of $gib GiB, node $(node --version)"
bash "$root/test/bench/make-large.sh" "$gib" large.tar
ssh-keygen -q -t ed25519 -N '' -f ssh
printf 'me %s' "$(cat ssh.pub)" >signers
minisign -G -W -p mini.pub -s mini.key >/dev/null
new=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
theirs openssl req -x509 "${new[@]}" -keyout ca.key -out ca.crt -subj /CN=CA -days 30
printf 'keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning,emailProtection\n' >ext
theirs openssl req -new "${new[@]}" -keyout x509.key -out x509.csr -subj /CN=Release
theirs openssl x509 -req -in x509.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile ext -out x509.crt
theirs openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out cosign.key
theirs openssl pkey -in cosign.key -pubout -out cosign.pub
theirs openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key
theirs openssl pkey -in rsa.key -pubout -out rsa.pub
theirs age-keygen -o age.key
age-keygen -y age.key >age.pub

statement=large.tar.sha256
ours 'sign: ssh' sign large.tar --key ssh
ours 'sign: minisign' sign large.tar --key mini.key
ours 'sign: cms' sign large.tar --key x509.key --cert x509.crt
ours 'sign: cosign' sign large.tar --key cosign.key --format cosign
theirs sha256sum -c --strict $statement
theirs ssh-keygen -Y verify -n imgkit-archive -f signers -I me -s $statement.sig <$statement
theirs minisign -V -p mini.pub -m $statement
theirs openssl cms -verify -binary -inform DER -in $statement.p7s -content $statement -CAfile ca.crt
sed 's/.*"signature":"\([^"]*\)".*/\1/' $statement.sigstore.json | base64 -d >cosign.der
theirs openssl dgst -sha256 -verify cosign.pub -signature cosign.der $statement

rm $statement*
sha256sum large.tar >$statement
theirs ssh-keygen -q -Y sign -n imgkit-archive -f ssh $statement
theirs minisign -S -s mini.key -m $statement
theirs openssl cms -sign -binary -in $statement -outform DER -signer x509.crt -inkey x509.key -out $statement.p7s
theirs openssl dgst -sha256 -sign cosign.key -out cosign.der $statement
base64 -w0 cosign.der >$statement.sigstore.json
ours 'verify: ssh, minisign, cms and cosign, and all' verify large.tar --key ssh.pub --key mini.pub --cert ca.crt --key cosign.pub

ours 'encrypt: age' encrypt large.tar -R age.pub -o ours.age
age -d -i age.key ours.age | theirs cmp - large.tar
rm ours.age
age -R age.pub -o theirs.age large.tar
ours 'decrypt: age' decrypt theirs.age --identity age.key -o back.tar
theirs cmp back.tar large.tar
rm back.tar
ours 'load: age, into the store' load theirs.age --identity age.key
rm -r theirs.age home

ours 'copy: to an OCI layout' copy large.tar oci:plain:1 --compress none
rm large.tar
# Compared by digest at the end: skopeo keeps the manifest of what it decrypts.
digest=$(node "$root/dist/cli/bundle/main.js" inspect oci:plain:1 --json | sed -n 's/^ *"imageId": "\(.*\)",\{0,1\}$/\1/p')
ours 'encrypt: ocicrypt' encrypt --layers oci:plain:1 oci:ours:1 -r rsa.pub
rm -r plain
theirs skopeo --insecure-policy --tmpdir "$work" copy --decryption-key rsa.key oci:ours:1 oci:opened:1
rm -r ours
theirs skopeo --insecure-policy --tmpdir "$work" copy --encryption-key jwe:rsa.pub oci:opened:1 oci:theirs:1
rm -r opened
ours 'decrypt: ocicrypt' decrypt --layers oci:theirs:1 oci:back:1 --identity rsa.key
ours 'verify: what came back' verify oci:back:1
[[ $(node "$root/dist/cli/bundle/main.js" inspect oci:back:1 --json | sed -n 's/^ *"imageId": "\(.*\)",\{0,1\}$/\1/p') == "$digest" && -n $digest ]] || { echo 'FAILED: another image came back' && exit 1; }
echo 'every tool agreed'
