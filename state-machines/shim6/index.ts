/** shim6, RFC 5533: the machine of a context, and its constants: `polypath/state-machines/shim6`. */
export * from './constants.ts';
export * from './context.ts';
