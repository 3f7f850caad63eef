// Everything the scripts add to pages that work without them.
import { countCharacters } from "./count.ts";
import { confirmForms } from "./confirm.ts";
import { copyButtons } from "./copy.ts";
import { closeMenus } from "./menu.ts";
import { keepDrafts } from "./draft.ts";
import { sendWithKeys, showProblems } from "./form.ts";
import { passkeyForms } from "./passkey.ts";
import { shareAnywhere, shareSheet } from "./share.ts";
import { watchStates } from "./state.ts";
import { localTimes } from "./time.ts";
import { uploadInForms } from "./upload.ts";
import { countDownWaits } from "./wait.ts";

showProblems();
closeMenus();
countCharacters();
sendWithKeys();
confirmForms();
copyButtons();
localTimes();
watchStates();
const uploads = uploadInForms();
shareAnywhere(uploads);
keepDrafts();
shareSheet();
countDownWaits();
passkeyForms();
