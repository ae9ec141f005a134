#!/bin/sh
# Makes what the two programs beside this file need: a certification authority, and certificates signed by it
# for a server on this machine and for a client named Alice. Run it with
#
#     sh examples/tls/certificates.sh FOLDER
set -eu
cd "$1"
curve="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"

# shellcheck disable=SC2086 # the words of $curve are options
openssl req -x509 $curve -days 30 -subj "/CN=Example authority" \
  -addext basicConstraints=critical,CA:TRUE -keyout authority.key -out authority.pem

sign() { # FILE NAME
  # shellcheck disable=SC2086
  openssl req $curve -subj "/CN=$2" -keyout "$1.key" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -days 30 -extfile names -CA authority.pem -CAkey authority.key \
    -CAcreateserial -out "$1.pem"
}

echo "subjectAltName=DNS:localhost,IP:127.0.0.1" >names
sign server localhost
sign client Alice
