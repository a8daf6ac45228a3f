/** `1234567` as `1,234,567`. */
export const formatInteger = (integer: bigint | string): string =>
  String(integer).replaceAll(/\B(?=(\d{3})+$)/g, ',')
