/**
 * `text`, a decimal with at most one point, times `factor`, without rounding: null when the product is not
 * whole or too large to be exact.
 */
export function timesDecimal(text: string, factor: number): number | null {
  const [whole = "", fraction = ""] = text.split(".");
  const digits = fraction.replace(/0+$/, "");
  if (whole.length + digits.length > 30) return null;
  const product = BigInt(whole + digits) * BigInt(factor);
  const scale = 10n ** BigInt(digits.length);
  if (product % scale !== 0n) return null;
  const quotient = Number(product / scale);
  return Number.isSafeInteger(quotient) ? quotient : null;
}
