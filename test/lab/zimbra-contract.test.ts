import { standInContract } from '../stand-ins/contract.ts';

standInContract('zimbra', '8.8');
