/** The releases that `npm test` leaves out. */
import { standInContract } from '../stand-ins/contract.ts';

standInContract('zimbra', '8.0.6');
standInContract('zimbra', '8.6');
standInContract('zimbra', '10');
standInContract('carbonio', '23');
standInContract('carbonio', '24');
