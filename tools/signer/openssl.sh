#!/bin/sh
# Signs for COUNTERSIGN_SIGNER_COMMAND with an SM2 key in a file: `openssl.sh KEY.pem`. It shows
# the protocol (docs/operate.md) and is good for a trial; a hospital's device brings its own.
# Make a key: openssl ecparam -name SM2 -genkey -noout -out KEY.pem && chmod 600 KEY.pem
set -eu
key=$1
read -r word given
fail() { echo "error $1"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
case $word in
public)
    openssl pkey -in "$key" -pubout -outform DER -out "$folder/public" 2>/dev/null ||
        fail 'the key cannot be read'
    echo "sm2-sm3 $(tail -c 65 "$folder/public" | base64 -w0)"
    ;;
sign)
    echo "$given" | base64 -d >"$folder/message" || fail 'the message is not base64'
    openssl pkeyutl -sign -inkey "$key" -rawin -digest sm3 -in "$folder/message" \
        -pkeyopt distid:1234567812345678 -out "$folder/signature" 2>/dev/null ||
        fail 'the key does not sign'
    echo "signature $(base64 -w0 <"$folder/signature")"
    ;;
*) fail 'unknown word' ;;
esac
