// What mail programs know none of, by the data of caniemail.com: {name: html} in, and out
// {feature: [clients]} of all that is not supported. Node runs it; see judged.py.
import { caniemail, rawData } from 'caniemail';
import { readFileSync } from 'node:fs';

const [, , ...clients] = process.argv;
for (const { stats } of rawData.data) {
  // It gives up at a client that nobody has tried a feature on; that is not known, so partial.
  for (const client of clients) {
    const [family, platform] = client.split('.');
    ((stats[family] ??= {})[platform] ??= { 0: 'u' });
  }
}
const found = {};
for (const html of Object.values(JSON.parse(readFileSync(0, 'utf8')))) {
  for (const [client, issues] of caniemail({ clients, html }).issues.errors) {
    for (const { title } of issues) (found[title] ??= new Set()).add(client);
  }
}
const sorted = Object.entries(found).map(([title, who]) => [title, [...who].sort()]).sort();
console.log(JSON.stringify(Object.fromEntries(sorted)));
