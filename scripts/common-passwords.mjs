// Writes internal/accounts/common.bin: of each of the ten thousand commonest
// passwords, as @zxcvbn-ts/language-common (MIT) ranks them, the first eight
// bytes of its SHA-256, in ascending order. Run it after `npm ci` in web/ when
// that package is updated: node scripts/common-passwords.mjs
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const list = new URL("../web/node_modules/@zxcvbn-ts/language-common/src/passwords.json", import.meta.url);
const ranked = [...new Set(JSON.parse(readFileSync(list, "utf8")).map((password) => password.toLowerCase()))];
const hashes = ranked.slice(0, 10_000).map((password) => createHash("sha256").update(password).digest().subarray(0, 8));
hashes.sort(Buffer.compare);
writeFileSync(new URL("../internal/accounts/common.bin", import.meta.url), Buffer.concat(hashes));
