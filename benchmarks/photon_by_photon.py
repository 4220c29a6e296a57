"""BB84 up to sifted bits as other programs do it, one photon after the other: in Python's own words, and in SeQUeNCe."""

import math
import random

TRANSMITTED, ERROR_RATE, MEAN_PHOTONS = 0.1, 0.02, 0.5
RATE_HZ = 80e6


def python_loop(num_signals, seed):
    """Return sifted bits and how many of them are wrong: every photon prepared, sent, measured and sifted by itself."""
    chance = random.Random(seed)
    sifted = wrong = 0
    for _ in range(num_signals):
        basis, bit = chance.getrandbits(1), chance.getrandbits(1)
        amplitudes = (
            ((1.0, 0.0), (0.0, 1.0)) if basis == 0 else ((math.sqrt(0.5),) * 2, (math.sqrt(0.5), -math.sqrt(0.5)))
        )
        state = amplitudes[bit]
        if chance.random() < 2 * ERROR_RATE:  # white noise is wrong half of the time
            state = amplitudes[chance.getrandbits(1)]
        if chance.random() >= TRANSMITTED:
            continue
        seen_basis = chance.getrandbits(1)
        rotated = (
            state
            if seen_basis == 0
            else ((state[0] + state[1]) * math.sqrt(0.5), (state[0] - state[1]) * math.sqrt(0.5))
        )
        seen = int(chance.random() < rotated[1] ** 2)
        if seen_basis == basis:
            sifted += 1
            wrong += seen != bit
    return sifted, wrong


class _Keys:
    """What stands above the protocol in SeQUeNCe: asks for keys and takes them."""

    def __init__(self, length, number):
        self.length, self.number, self.keys = length, number, []

    def pop(self, info):
        self.keys.append(info)


def sequence_line(num_pulses):
    """Return a timeline of SeQUeNCe that sends about so many weak pulses in batches, the source, and where keys go."""
    from sequence.components.optical_channel import ClassicalChannel, QuantumChannel
    from sequence.kernel.timeline import Timeline
    from sequence.qkd.BB84 import pair_bb84_protocols
    from sequence.topology.node import QKDNode

    timeline = Timeline(1e12 * num_pulses / RATE_HZ)
    ends = [QKDNode(name, timeline, stack_size=1) for name in "ab"]
    for seed, end in enumerate(ends):
        end.set_seed(seed)
    sender, receiver = ends
    pair_bb84_protocols(sender.protocol_stack[0], receiver.protocol_stack[0])
    for start, end in (ends, ends[::-1]):
        ClassicalChannel(f"told by {start.name}", timeline, distance=100.0).set_ends(start, end.name)
        loss = -10 * math.log10(TRANSMITTED) / 100.0  # per metre
        QuantumChannel(f"sent by {start.name}", timeline, loss, 100.0, 1 - 2 * ERROR_RATE).set_ends(start, end.name)
    sender.update_lightsource_params("frequency", RATE_HZ)
    sender.update_lightsource_params("mean_photon_num", MEAN_PHOTONS)
    for detector in (0, 1):
        receiver.update_detector_params(detector, "efficiency", 1.0)
        receiver.update_detector_params(detector, "count_rate", 1e12)
    keys = [_Keys(round(num_pulses * MEAN_PHOTONS / 10), 10**6) for _ in ends]
    for end, one in zip(ends, keys, strict=True):
        end.protocol_stack[0].upper_protocols.append(one)
    timeline.init()
    sender.protocol_stack[0].push(keys[0].length, keys[0].number)
    return timeline, sender, receiver


def sequence_run(num_pulses):
    """Return how many pulses SeQUeNCe has sent and the sifted bits of both ends."""
    timeline, sender, receiver = sequence_line(num_pulses)
    timeline.run()
    source = next(part for part in sender.components.values() if hasattr(part, "photon_counter"))
    bits = [end.protocol_stack[0].key_bits for end in (sender, receiver)]
    return source.photon_counter / MEAN_PHOTONS, *bits
