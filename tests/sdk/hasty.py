"""Run a script whose SDK would sleep between looks at a job that is done at once: hasty.py SCRIPT ARGUMENTS."""

import runpy
import sys
import time

time.sleep = lambda seconds, sleep=time.sleep: sleep(min(seconds, 0.05))
del sys.argv[0]
sys.path.insert(0, sys.argv[0].rpartition("/")[0])
runpy.run_path(sys.argv[0], run_name="__main__")
