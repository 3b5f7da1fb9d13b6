"""``PYTHON refreshing.py SECONDS …/electrumx_server``: ElectrumX as it is, but for how often it remakes its histogram.

That time is a constant of the coin and no setting: 500 s on Litecoin, 120 s on Bitcoin. Nothing else is changed. Run by
the interpreter of a server's own environment, with -P since beside this file lies an ``electrumx.py``.
"""

import runpy
import sys

from electrumx.lib.coins import Litecoin

Litecoin.MEMPOOL_HISTOGRAM_REFRESH_SECS = float(sys.argv[1])
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
