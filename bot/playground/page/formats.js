// Formats: moments, sizes of files, the language of a text.

export const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const dayAndMonth = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long" });
const fullDay = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });
export const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "medium" });

export function dayName(seconds) {
  const date = new Date(seconds * 1000);
  const today = new Date();
  const days = Math.round((new Date(today).setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 864e5);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return (date.getFullYear() === today.getFullYear() ? dayAndMonth : fullDay).format(date);
}

export function fileSize(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** The language that the glyphs and a screen reader should assume. */
export function languageOf(text, person) {
  const own = /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(person?.language_code ?? "") ? person.language_code : "en";
  if ((text.match(/[\u3041-\u30ff]/g) ?? []).length > 2) return "ja";
  if (/[\uac00-\ud7af]/.test(text)) return "ko";
  if (/[\u4e00-\u9fff]/.test(text)) return /^(zh|ja)/i.test(own) ? own : "zh";
  return /^(zh|ja|ko)/i.test(own) ? "en" : own;
}
