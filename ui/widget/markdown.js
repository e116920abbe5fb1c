/* Markdown as DOM nodes, never as HTML: paragraphs, headings, bold, emphasis, code, lists, tables, links to http(s),
   citations [n]. In: text that anybody may have written. Out: a fragment in which nothing runs. Whatever is not
   understood stays the text it was. */

const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;
const INLINE =
  /\\([!-/:-@[-`{-~])|`([^`\n]+)`|\*\*(?=\S)(.+?)\*\*|(?<![*\w])\*(?=[^\s*])(.+?)\*(?!\*)|\[(\d{1,2})\](?!\()|\[([^\]\n]{1,300})\]\(<?([^\s()<>]+(?:\([^\s()]*\)[^\s()<>]*)*)>?(?: "[^"\n]*")?\)/gs;
const ITEM = /^ *(?:[-*+]|(\d{1,3})[.)])\s+(.*)$/;
const DIVIDER = /^ *\|? *:?-+:? *(?:\| *:?-+:? *)*\|? *$/;

/** Text without characters that hide, or turn round, what is written. */
export const visible = (text) => String(text ?? "").replace(/\r\n?/g, "\n").replace(HIDDEN, "");

/** A URL that may stand behind a link, or null: http(s), or a path of the page's own site. */
export function safeLink(url) {
  const bare = String(url ?? "").replace(/[\u0000-\u0020\u007f]+/g, "");
  const fits = /^(https?:\/\/[^/]|\/(?![/\\]))/i.test(bare) && URL.canParse(bare, location.href);
  return fits ? new URL(bare, location.href).href : null;
}

/** The nodes of a text; `cite(n)` makes the node of citation n, or null where there is no such source. */
export function render(text, make, cite) {
  const page = document.createDocumentFragment();
  const lines = visible(text).split("\n");
  const span = (words) => inline(words, make, cite);
  while (lines.length) {
    const line = lines.shift();
    const heading = /^#+ +(.*)/.exec(line);
    if (!line.trim()) continue;
    if (heading) page.append(make("h4", "", ...span(heading[1])));
    else if (ITEM.test(line)) page.append(list([line, ...take(lines, (other) => ITEM.test(other) || /^ +\S/.test(other))], make, span));
    else if (line.includes("|") && DIVIDER.test(lines[0] ?? "") && lines[0].includes("-")) {
      lines.shift();
      page.append(table([line, ...take(lines, (other) => other.includes("|"))], make, span));
    } else {
      const more = take(lines, (other) => other.trim() && !ITEM.test(other) && !"#|".includes(other[0]));
      const words = [line, ...more].flatMap((part) => [make("br", ""), ...span(part.trim())]);
      page.append(make("p", { dir: "auto" }, ...words.slice(1)));
    }
  }
  return page;
}

function take(lines, fits) {
  const end = lines.findIndex((line) => !fits(line));
  return lines.splice(0, end < 0 ? lines.length : end);
}

function inline(text, make, cite, depth = 0) {
  if (depth > 5) return [text];
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    const [all, escaped, code, strong, emphasis, n, name, url] = match;
    const within = (words) => inline(words, make, cite, depth + 1);
    let node = null;
    if (escaped) node = escaped;
    else if (code) node = make("code", "", code);
    else if (strong) node = make("strong", "", ...within(strong));
    else if (emphasis) node = make("em", "", ...within(emphasis));
    else if (n) node = cite(Number(n));
    else if (/^https?:/i.test(url) && safeLink(url)) node = link(safeLink(url), make, ...within(name));
    if (node === null) continue;
    const before = text.slice(end, match.index);
    nodes.push(n ? before.trimEnd() : before, node);
    end = match.index + all.length;
  }
  return [...nodes, text.slice(end)];
}

/** A link; another site opens in a tab of its own, so that the conversation stays. */
export function link(href, make, ...inside) {
  const anchor = make("a", "", ...inside);
  anchor.href = href;
  anchor.rel = "noopener noreferrer";
  if (new URL(href, location.href).origin !== location.origin) anchor.target = "_blank";
  return anchor;
}

function list(lines, make, span) {
  const number = ITEM.exec(lines[0])[1];
  const made = make(number ? "ol" : "ul", { dir: "auto" });
  if (number) made.start = number;
  for (const line of lines) {
    const words = ITEM.exec(line)?.[2];
    if (words === undefined) made.lastChild.append(" ", ...span(line.trim()));
    else made.append(make("li", "", ...span(words)));
  }
  return made;
}

function table(rows, make, span) {
  const cells = (row) => row.trim().replace(/^\||(?<!\\)\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim());
  const head = cells(rows[0]);
  const made = make("table", "");
  rows.forEach((row, n) => {
    const line = make("tr", "");
    const found = n ? cells(row) : head;
    head.forEach((_, column) => {
      const heads = !n || !column;
      const cell = make(heads ? "th" : "td", "", ...span(found[column] ?? ""));
      if (heads) cell.scope = n ? "row" : "col";
      line.append(cell);
    });
    made.append(line);
  });
  return make("div", "table", made);
}
