/** What to do where there is no bus and none is to be made, for errors of every engine. */
export const MISSING_BUS = 'check the address, or begin with what may make a bus, such as feed';
