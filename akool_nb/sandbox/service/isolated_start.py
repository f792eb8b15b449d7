"""Starts the sandbox where only the standard library, the given folders and this package can be imported.

Run as `python -I -S isolated_start.py FOLDERS OPTION…`.
"""

from __future__ import annotations

import importlib
import os
import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    folders = sys.argv.pop(1).split(os.pathsep)
    # This very package, and not another version in the folders; the files beside it cannot be imported afterwards.
    sys.path.append(str(Path(__file__).parents[3]))
    importlib.import_module("akool_nb")
    sys.path[-1:] = folders
    runpy.run_module("akool_nb.sandbox", run_name="__main__", alter_sys=True)
