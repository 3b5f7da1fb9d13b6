"""``PYTHON without_waiting.py …/electrumx_server``: ElectrumX ≥ 1.18 as it is, but packets wait 20 ms, not a second.

Run by the interpreter of a server's own environment, with -P since beside this file lies an ``electrumx.py``. Nothing
else is changed: packets are padded as ever, and costs and their limits are the program's own. Only for campaigns that
would take minutes; whatever looks at times or sizes is put to servers that were not touched.
"""

import runpy
import sys

from electrumx.server.transport import PaddedRSTransport

PaddedRSTransport.WAIT_FOR_BUFFER_GROWTH_SECONDS = 0.02
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
