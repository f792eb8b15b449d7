// Every sentence that more than one widget shows. To translate the widgets, translate the files in this folder and
// widgets/texts.py.
export const shared = {
  kernelGone: "Python has stopped. Run the cell again to bring this back.",
  notRunning: "Waiting for Python. If this notebook was only opened, run the cell again.",
  consent: "I may use this face: it is mine, or the person agreed.",
  consentFirst: "Please tick that you may use this face. Then it goes on.",
};

export const camera = {
  denied: "The browser may not use the camera. Allow it with the camera sign in the address bar, then try again.",
  none: "No camera was found. Plug one in, or choose a file.",
  busy: "Another program is using the camera. Close it, then try again.",
  insecure: "Browsers give no camera to plain http pages. Open this page by https, or at http://localhost.",
  blocked: "The page around this notebook does not let it use the camera. Open the notebook in a tab of its own.",
  missing: "This program has no camera for notebooks. Open the notebook in a browser (Chrome, Edge, Firefox, Safari).",
  other: "The camera did not start.",
};
