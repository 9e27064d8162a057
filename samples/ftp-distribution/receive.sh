#!/bin/sh
# receive.sh: takes over what lies at the FTP server, once: only what is signed by somebody we trust. Run it from cron or a timer.
# What is refused goes to $QUARANTINE with the reason beside it. Exit code 0: all is well; 3: something was refused; 5: try again.
#
#   DROP           folder at the server: ftpes://reader@drop.example/pub/
#   PASSWORD_FILE  file with the password, mode 0600
#   CA             the authority of the server's certificate, PEM
#   TRUST          trust folder: whose signatures count, for which images
#   IDENTITY       our private key, which opens what was encrypted for us, mode 0600
#   INTO           where images go (default: docker-daemon:)
#   ARCHIVE        folder where accepted files are kept (default: archive)
#   QUARANTINE     folder for refused files (default: quarantine)
set -eu

exec imgkit watch "$DROP" --once --require-checksum --require-signature \
  --trust "$TRUST" --identity "$IDENTITY" --into "${INTO:-docker-daemon:}" \
  --archive-to "${ARCHIVE:-archive}" --quarantine "${QUARANTINE:-quarantine}" \
  --ca "$CA" --password-file "$PASSWORD_FILE"
