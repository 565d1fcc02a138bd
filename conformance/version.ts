/** The version that reports carry. It equals package.json's, which a test holds it to; reading that file would depend on where the build lies. */
export const version = '0.1.0';
