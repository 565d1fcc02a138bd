/** The known answers of vectors/cga as types; vectors/cga/README.md says what the fields mean. */
import { readFileSync } from 'node:fs';
import type { CgaStep } from '../../codecs/cga/index.ts';

/** Where the vectors of CGA and HBA are. */
export const cgaVectorsAt = new URL('../../vectors/cga/', import.meta.url);

/** One vector of each file. */
export interface CgaVectors {
  readonly keys: {
    readonly name: string;
    readonly algorithm: 'RSA' | 'EC' | 'opaque';
    readonly publicKey: string;
    readonly privateKey?: string;
    readonly files: readonly string[];
  };
  readonly cga: {
    readonly name: string;
    readonly sec: number;
    readonly prefix: string;
    readonly collisionCount: number;
    readonly publicKey: string;
    readonly extensionFields: string;
    readonly modifier: string;
    readonly parameters: string;
    readonly address: string;
  };
  readonly hba: {
    readonly name: string;
    readonly sec: number;
    readonly prefixes: readonly string[];
    readonly collisionCount: number;
    readonly pFlag: boolean;
    readonly reserved: number;
    readonly publicKey: string;
    readonly extendedModifier?: string;
    readonly from?: string;
    readonly modifier: string;
    readonly addresses: readonly string[];
    readonly parameters: readonly string[];
    readonly remarks: readonly string[];
  };
  readonly search: {
    readonly name: string;
    readonly sec: number;
    readonly template: string;
    readonly from: string;
    readonly modifier: string;
    readonly distance: number;
  };
  readonly verification: {
    readonly name: string;
    readonly parameters: string;
    readonly address: string;
    readonly hba: boolean;
    readonly step: CgaStep | null;
  };
  readonly signatures: {
    readonly name: string;
    readonly publicKey: string;
    readonly generation: number;
    readonly locators: readonly { readonly locator: string; readonly verificationMethod: number }[];
    readonly signed: string;
    readonly signature: string;
  };
}

/** A file as it is. */
export const readCgaFile = (name: string): unknown => JSON.parse(readFileSync(new URL(`${name}.json`, cgaVectorsAt), 'utf8'));

/** The vectors of a file; that it follows its schema is a test of its own. @example cgaVectors('cga')[0].address */
export const cgaVectors = <K extends keyof CgaVectors>(name: K): readonly CgaVectors[K][] =>
  (readCgaFile(name) as { readonly vectors: readonly CgaVectors[K][] }).vectors;
