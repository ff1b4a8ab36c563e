/** RT_TABLE_MAIN: where routes go that name no table. */
export const MAIN_TABLE = 254;
