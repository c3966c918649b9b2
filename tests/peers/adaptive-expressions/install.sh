#!/bin/sh
# Installs the peer under target/peers, once for each version, and prints the folder, with this folder's scripts beside
# the packages so that Node finds them. Prints `skipped: …` and succeeds where Node or the packages are not to be had;
# the caller passes that line on.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=${CARGO_TARGET_DIR:-$here/../../../target}/peers/adaptive-expressions

for tool in node npm; do
  command -v "$tool" >/dev/null 2>&1 || { echo "skipped: $tool is absent, so there is no adaptive-expressions to compare with"; exit 0; }
done

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
cp "$here"/*.mjs "$folder/" 2>/dev/null || true
# The copy of package.json that npm finished with tells that what is there is what is wanted.
if ! cmp -s "$here/package.json" "$folder/installed.json"; then
  cp "$here/package.json" "$folder/package.json"
  (cd "$folder" && npm install --no-package-lock --no-audit --no-fund --ignore-scripts --fetch-retries=1 --loglevel=error) >"$folder/install.log" 2>&1 \
    || { echo "skipped: npm could not install adaptive-expressions; see $folder/install.log"; exit 0; }
  cp "$here/package.json" "$folder/installed.json"
fi
echo "$folder"
