/**
 * Text from outside (file names, addresses, what a packet showed) made harmless for the place it is printed in, so that no capture
 * and no file name can break a format or drive a terminal.
 */

// C0, DEL, C1, the line and paragraph separators, and the marks that reorder text on a terminal.
const controls = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

const visible = (character: string): string => {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
};

/** Lone surrogates have no UTF-8 form. */
const wellFormed = (text: string): string => text.replaceAll(/\p{Surrogate}/gu, '\ufffd');

/** One line for a terminal: control characters become visible escapes, lone surrogates U+FFFD. @example printable('a\nb') // 'a\\x0ab' */
export const printable = (text: string): string => wellFormed(text.replaceAll(controls, visible));

/** Character data or an attribute value of XML 1.0: markup is escaped, characters that XML cannot carry are left out. @example xml('a<b') // 'a&lt;b' */
export const xml = (text: string): string =>
  wellFormed(text)
    // Tab, line feed and carriage return are legal; a space keeps one value on one line in an attribute.
    .replaceAll(/[\t\n\r]/g, ' ')
    .replaceAll(controls, '')
    .replaceAll(/[\ufffe\uffff]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

/** One line of Markdown, also inside a table cell: nothing in it is markup. @example markdown('a|b') // 'a\\|b' */
export const markdown = (text: string): string =>
  printable(text)
    .replaceAll(/[\\`*_{}[\]()#|~!$]/g, String.raw`\$&`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    // A scheme or www. would become a link, an @ would call somebody.
    .replaceAll(/:\/\/|www\.|@/gi, (match) => match.replace(/[:.@]/, (character) => `&#${character.charCodeAt(0)};`));

/** The description of a TAP 14 test point: `\` and `#` are escaped, as the format asks. @example tap('frame #3') // 'frame \\#3' */
export const tap = (text: string): string => printable(text).replaceAll(/[\\#]/g, String.raw`\$&`);

/** A double-quoted YAML scalar, which JSON's string form is once every control character is escaped. @example yaml('a"b') // '"a\\"b"' */
export const yaml = (text: string): string =>
  JSON.stringify(text).replaceAll(controls, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
