"""Chains of three nodes in simulators of networks, for ``test_chains_sampled.py``; imported where they are installed."""

import json
import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np


def requsim_three_nodes(
    pairs, rng, *, success, cutoff, t1, t2, fidelity, gate_mixing, readout_error
):  # fmt: skip
    """Times between deliveries and end-to-end density matrices by ReQuSim, event by event; all times in cycles."""
    import requsim.libs.matrix as mat
    from requsim.events import EntanglementSwappingEvent
    from requsim.noise import NoiseChannel, NoiseModel
    from requsim.quantum_objects import SchedulingSource, Station
    from requsim.tools.protocol import TwoLinkProtocol
    from requsim.world import World

    def relaxed(rho, t):
        kept, coherence = np.exp(-t / t1), np.exp(-t / t2)
        lost = (1 - kept) * rho[1, 1]
        return np.array([[rho[0, 0] + lost, coherence * rho[0, 1]], [coherence * rho[1, 0], kept * rho[1, 1]]])

    def measured(rho):
        """A depolarized gate; a wrong bit of a Bell measurement is an error X or Z before it."""
        rho = (1 - gate_mixing) * rho + gate_mixing * np.trace(rho) * np.eye(4) / 4
        for error in (np.kron(mat.X, np.eye(2)), np.kron(mat.Z, np.eye(2))):
            rho = (1 - readout_error) * rho + readout_error * error @ rho @ error
        return rho

    class Swapping(TwoLinkProtocol):
        def check(self, message=None):
            left, right = self._get_left_pairs(), self._get_right_pairs()
            if left and right:
                now = self.world.event_queue.current_time
                swap = EntanglementSwappingEvent(now, [left[0], right[0]], self.station_central)
                swap.add_callback(self.delivered)
                self.world.event_queue.add_event(swap)
            if not left and not self._left_pairs_scheduled():
                self.source_A.schedule_event()
            if not right and not self._right_pairs_scheduled():
                self.source_B.schedule_event()

        def delivered(self, message):
            pair = message["output_pair"]
            pair.update_time()
            self.time_list.append(self.world.event_queue.current_time)
            self.state_list.append(pair.state)
            for qubit in pair.qubits:
                qubit.destroy()
            pair.destroy()

    werner = (4 * fidelity - 1) / 3 * mat.phiplus @ mat.H(mat.phiplus) + (1 - fidelity) / 3 * np.eye(4)
    world, memory = World(), NoiseChannel(n_qubits=1, channel_function=relaxed)
    ends = [Station(world, position=where, memory_noise=memory) for where in (0, 2)]
    noise = NoiseModel(channel_before=NoiseChannel(n_qubits=2, channel_function=measured))
    middle = Station(world, position=1, memory_noise=memory, memory_cutoff_time=cutoff, BSM_noise_model=noise)
    rates = {"time_distribution": lambda source: int(rng.geometric(success)), "state_generation": lambda source: werner}
    for end in ends:
        SchedulingSource(world, position=1, target_stations=[end, middle], **rates)
    protocol = Swapping(world, communication_speed=np.inf)
    protocol.setup()
    while len(protocol.time_list) < pairs:
        protocol.check()
        world.event_queue.resolve_next_event()
    return np.diff(protocol.time_list, prepend=0), np.array(protocol.state_list)


def sequence_routers(count, seconds, *, efficiency, fidelity, message_s=5e-4):
    """Times between deliveries and fidelities of a row of routers in SeQUeNCe, links by Barrett and Kok; simulated seconds."""
    from sequence.app.request_app import RequestApp
    from sequence.topology.router_net_topo import RouterNetTopo

    class Receiver(RequestApp):
        def get_memory(self, info):
            counted, found = self.memory_counter, info.fidelity
            super().get_memory(info)
            if self.memory_counter > counted:
                delivered.append((self.node.timeline.now() * 1e-12, found))
                self.node.resource_manager.update(None, info.memory, "RAW")

    delivered, names = [], [f"r{k}" for k in range(count)]
    neighbours = list(pairwise(names))
    config = {
        "is_parallel": False, "stop_time": int(seconds * 1e12),
        "nodes": [
            {"name": name, "type": "QuantumRouter", "seed": k, "memo_size": 1 + (0 < k < count - 1)}
            for k, name in enumerate(names)
        ],
        "qconnections": [
            {"node1": a, "node2": b, "attenuation": 0, "distance": 1000, "type": "meet_in_the_middle", "seed": 100 + k}
            for k, (a, b) in enumerate(neighbours)
        ],
        "cconnections": [
            {"node1": a, "node2": b, "delay": int(message_s * 1e12)} for k, a in enumerate(names) for b in names[k + 1 :]
        ],
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chain.json"
        path.write_text(json.dumps(config), encoding="utf-8")
        network = RouterNetTopo(str(path))
    routers = network.get_nodes_by_type(RouterNetTopo.QUANTUM_ROUTER)
    numbers = {"efficiency": efficiency, "raw_fidelity": fidelity, "frequency": 0, "coherence_time": -1}
    for router in routers:
        for name, value in numbers.items():
            router.get_components_by_type("MemoryArray")[0].update_memory_params(name, value)
    for node in network.get_nodes_by_type(RouterNetTopo.BSM_NODE):
        bell = node.get_components_by_type("SingleAtomBSM")[0]
        for name, value in {"efficiency": 1, "count_rate": 1e12, "dark_count": 0}.items():
            bell.update_detectors_params(name, value)
    receivers = [Receiver(router) for router in routers]
    timeline = network.get_timeline()
    timeline.show_progress = False
    timeline.init()
    receivers[0].start(names[-1], int(1e10), int(seconds * 1e12), 1, 0.1)
    timeline.run()
    times, fidelities = np.array(delivered).reshape(-1, 2).T
    return np.diff(times), fidelities
