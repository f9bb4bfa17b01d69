"""Starts a Ray cluster on loopback addresses of this machine, and ends it with standard input.

Prints its address; for each line "add" it starts another machine and prints the process of its
raylet, which may be killed.
"""

from __future__ import annotations

import os
import sys
import threading

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

from ray.cluster_utils import Cluster

SMALL = {"num_gpus": 0, "object_store_memory": 80_000_000, "memory": 500_000_000}
SILENT = {"include_dashboard": False, "include_log_monitor": False}


def main() -> None:
    # Ray takes 127.0.0.1 for the address of the machine in its network.
    head = {"num_cpus": 2, "node_ip_address": "127.0.0.2", **SMALL, **SILENT}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        print(cluster.address, flush=True)
        for count, _ in enumerate(sys.stdin):
            node = cluster.add_node(
                num_cpus=1, node_ip_address=f"127.0.0.{3 + count}", **SMALL, **SILENT
            )
            raylet = node.all_processes["raylet"][0].process
            # Its workers take one that was killed for alive until somebody has asked for its end.
            threading.Thread(target=raylet.wait, daemon=True).start()
            print(raylet.pid, flush=True)
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    main()
