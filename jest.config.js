/** Tests run as ES modules straight from the TypeScript sources; swc only strips the types. */
export default {
  // Jest leaves one core free unless told otherwise: on two cores that doubles the time of the whole.
  maxWorkers: '100%',
  testEnvironment: '<rootDir>/test/environment.ts',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, sourceMaps: 'inline' }] },
  setupFiles: ['<rootDir>/test/setup.ts'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist'],
};
