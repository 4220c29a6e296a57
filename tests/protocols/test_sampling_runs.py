"""Runs of the sampler: streams that don't depend on threads or chunks, continuation, targets, interruption, refusals."""

import signal
import threading

import numpy as np
import pytest
from sampled_chains import random_parts, repeater_chain
from sampling_oracle import Chain

from qnet_channels import Memory
from qnet_core import Heralded, werner_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError
from qnet_protocols import RepeaterChain

MEMORY = Memory(t1_s=0.3, t2_s=0.2, excited_population=0.2)


def chain(success=0.2, fidelity=0.95, **settings):
    link = Heralded(werner_state(fidelity=fidelity), np.asarray(success, float)[()])
    return RepeaterChain(link, MEMORY, **{"num_links": 2, "cycle_s": 1e-3, "cutoff_s": 1e-2} | settings)


def rng(seed=5):
    return np.random.default_rng(seed)


def assert_same(first, second):
    for name in ("waiting_time_s", "rate_hz", "fidelity", "waiting_time_error_s", "fidelity_error", "bloch_error"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name), err_msg=name)
    np.testing.assert_array_equal(first.state.bloch, second.state.bloch)
    assert first.num_pairs == second.num_pairs


@pytest.mark.parametrize("policy", ("nested", "swap-asap", "swap-at-end"))
@pytest.mark.parametrize("threads", (2, 5))
def test_threads_do_not_matter(policy, threads):
    made = repeater_chain(Chain(**random_parts(rng(), 4), policy=policy, cutoffs=(6.0, 9.0, np.inf)))
    assert_same(made.sample(3000, rng=rng()), made.sample(3000, rng=rng(), threads=threads))


def test_seeds_matter():
    first, second = (chain().sample(100, rng=rng(seed), keep_times=True) for seed in (1, 2))
    assert (first.sampled_times_s != second.sampled_times_s).any()


def test_the_generator_is_asked_once():
    """Later numbers of the generator don't depend on how many pairs were sampled."""
    generators = [rng(), rng()]
    for generator, count in zip(generators, (10, 1000), strict=True):
        chain().sample(count, rng=generator)
    assert generators[0].random() == generators[1].random()


def test_each_pair_has_its_own_stream():
    """The first pairs of a long run are those of a short one, and those of a point of a batch don't depend on the others."""
    times = [chain().sample(count, rng=rng(), keep_times=True).sampled_times_s for count in (50, 5000)]
    np.testing.assert_array_equal(times[0], times[1][:50])
    batch = [
        chain(values).sample(50, rng=rng(), keep_times=True).sampled_times_s for values in ([0.2, 0.3], [0.2, 0.9])
    ]
    np.testing.assert_array_equal(batch[0][0], times[0])
    np.testing.assert_array_equal(batch[1][0], times[0])


def test_points_of_a_batch_are_independent():
    times = chain([0.2, 0.2]).sample(4000, rng=rng(), keep_times=True).sampled_times_s
    assert abs(np.corrcoef(times)[0, 1]) < 5 / np.sqrt(4000)
    assert abs(np.corrcoef(times[0, 1:], times[0, :-1])[0, 1]) < 5 / np.sqrt(4000)


@pytest.mark.parametrize("threads", (1, 3))
def test_continuing_is_the_same_as_going_on(threads):
    whole = chain().sample(1280, rng=rng(), keep_times=True)
    part = chain().sample(640, rng=rng(), keep_times=True)
    both = chain().sample(640, continue_from=part, keep_times=True, threads=threads)
    assert_same(whole, both)
    np.testing.assert_array_equal(whole.sampled_times_s, both.sampled_times_s)


def test_continuing_within_a_chunk_is_the_same_up_to_rounding():
    whole, part = chain().sample(300, rng=rng()), chain().sample(101, rng=rng())
    both = chain().sample(199, continue_from=part)
    assert both.num_pairs == 300
    np.testing.assert_allclose(both.state.bloch, whole.state.bloch, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(both.bloch_error, whole.bloch_error, rtol=1e-9, atol=1e-15)


def test_moments_are_those_of_the_times():
    result = chain().sample(1000, rng=rng(), keep_times=True)
    times = result.sampled_times_s
    assert result.waiting_time_s == pytest.approx(times.mean(), rel=1e-13)
    assert result.waiting_time_error_s == pytest.approx(times.std(ddof=1) / np.sqrt(1000), rel=1e-12)
    assert result.rate_hz == pytest.approx(1 / times.mean(), rel=1e-13)
    assert result.rate_error_hz == pytest.approx(result.rate_hz * result.waiting_time_error_s / times.mean(), rel=1e-12)
    assert result.method == "sampled"


def test_one_pair_has_no_standard_error():
    result = chain().sample(1, rng=rng())
    assert np.isnan([result.waiting_time_error_s, result.rate_error_hz, result.fidelity_error]).all()


@pytest.mark.parametrize("threads", (1, 4))
def test_targets_end_the_run_where_they_are_reached(threads):
    result = chain().sample(10**9, rng=rng(), fidelity_error=5e-4, relative_rate_error=0.02, threads=threads)
    assert result.fidelity_error <= 5e-4
    assert result.rate_error_hz <= 0.02 * result.rate_hz
    assert result.num_pairs % 64 == 0
    before = chain().sample(result.num_pairs - 64, rng=rng())
    assert before.fidelity_error > 5e-4 or before.rate_error_hz > 0.02 * before.rate_hz
    assert_same(result, chain().sample(result.num_pairs, rng=rng()))


def test_a_target_that_is_reached_takes_no_more_pairs():
    first = chain().sample(1024, rng=rng())
    again = chain().sample(10**9, continue_from=first, fidelity_error=2 * float(first.fidelity_error))
    assert again.num_pairs == 1024


def test_progress_counts_up_to_the_end():
    calls = []
    chain().sample(3000, rng=rng(), threads=2, progress=lambda done, total: calls.append((done, total)))
    done, totals = zip(*calls, strict=True)
    assert list(done) == sorted(set(done))
    assert done[-1] == 3000
    assert set(totals) == {3000}


@pytest.mark.parametrize("threads", (1, 2))
def test_an_interruption_returns_what_was_sampled(threads):
    def stop(done, total):
        if done > 1000:
            raise KeyboardInterrupt

    part = chain().sample(10**9, rng=rng(), progress=stop, threads=threads, keep_times=True)
    assert part.interrupted
    assert 1000 < part.num_pairs < 10**9
    assert len(part.sampled_times_s) == part.num_pairs
    np.testing.assert_allclose(part.sampled_times_s.mean(), part.waiting_time_s, rtol=1e-12)
    whole = chain().sample(part.num_pairs + 500, rng=rng(), keep_times=True)
    both = chain().sample(500, continue_from=part, keep_times=True)
    assert not both.interrupted
    np.testing.assert_array_equal(both.sampled_times_s, whole.sampled_times_s)
    np.testing.assert_allclose(both.state.bloch, whole.state.bloch, rtol=1e-12, atol=1e-15)


def test_an_interruption_of_a_batch_keeps_as_many_pairs_of_each_point():
    def stop(done, total):
        raise KeyboardInterrupt

    made = chain(np.linspace(0.1, 0.3, 5))
    part = made.sample(10**9, rng=rng(), progress=stop, threads=2, keep_times=True)
    assert part.sampled_times_s.shape == (5, part.num_pairs)
    whole = made.sample(part.num_pairs, rng=rng(), keep_times=True)
    np.testing.assert_array_equal(part.sampled_times_s, whole.sampled_times_s)


def test_control_c_ends_sampling_and_not_the_program():
    timer = threading.Timer(0.3, signal.raise_signal, (signal.SIGINT,))
    chain().sample(64, rng=rng())
    timer.start()
    result = chain().sample(10**12, rng=rng(), threads=2)
    timer.join()
    assert result.interrupted
    assert result.num_pairs > 0


def test_other_errors_of_progress_are_raised():
    def fail(done, total):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        chain().sample(1000, rng=rng(), progress=fail)


def test_points_that_cannot_deliver_are_nan_and_no_others():
    made = chain(np.array([0.2, 0.0]), fidelity=np.array([[0.95], [0.9]]))
    result = made.sample(200, rng=rng(), keep_times=True)
    assert result.waiting_time_s.shape == (2, 2)
    assert np.isinf(result.waiting_time_s[:, 1]).all()
    assert (result.rate_hz[:, 1] == 0).all()
    assert np.isnan(result.state.bloch[:, 1]).all()
    assert np.isfinite(result.state.bloch[:, 0]).all()
    alone = chain(0.2).sample(200, rng=rng(), keep_times=True)
    np.testing.assert_array_equal(result.sampled_times_s[0, 0], alone.sampled_times_s)
    more = made.sample(10, continue_from=result)
    assert more.num_pairs == 210


def test_a_batch_in_which_nothing_can_deliver():
    result = chain(np.array([0.0, 0.0])).sample(10, rng=rng())
    assert (result.rate_hz == 0).all()
    assert np.isnan(result.fidelity).all()


def test_batches_are_their_points():
    """The same chain with an axis for all that may have one: the first point is the chain alone."""
    cutoff = np.array([[[0.01]], [[0.02]]])  # a list would be one per level
    whole = chain([0.2, 0.4], fidelity=[[0.95], [0.9]], cutoff_s=cutoff, max_run_s=[1.0, 0.5])
    result = whole.sample(300, rng=rng())
    assert result.state.batch_shape == (2, 2, 2)
    alone = chain(max_run_s=1.0).sample(300, rng=rng())
    np.testing.assert_array_equal(result.state.bloch[0, 0, 0], alone.state.bloch)
    assert result.bloch_error.shape == (2, 2, 2, 4, 4)


def test_a_chain_that_hardly_delivers_says_what_it_would_take():
    made = chain(1e-4, num_links=4, cutoff_s=1e-3)
    with pytest.raises(
        ParameterError, match=r"hardly ever delivers: pair 0 needs more than `max_events` = 10000 links"
    ):
        made.sample(1000, rng=rng(), max_events=10_000)
    with pytest.raises(
        ParameterError, match=r"at point \(1,\) of the batch.*the 1000 pairs still wanted would take more than"
    ):
        chain([0.5, 1e-4], cutoff_s=1e-3).sample(1000, rng=rng(), max_events=1000)


def test_max_events_does_not_change_what_is_drawn():
    first = chain().sample(128, rng=rng(), max_events=1000)
    assert_same(chain().sample(128, continue_from=first), chain().sample(256, rng=rng()))


REFUSALS = {
    "num_pairs": ({"num_pairs": 0}, ParameterError, "`num_pairs` must be at least 1"),
    "num_pairs is no number": ({"num_pairs": 1e3}, ParameterTypeError, "`num_pairs` must be an integer"),
    "rng": ({"rng": 1}, ParameterTypeError, "`rng` must be a numpy.random.Generator, but is int"),
    "no rng": ({"rng": None}, ParameterTypeError, "`rng` must be a numpy.random.Generator, but is NoneType"),
    "threads": ({"threads": 0}, ParameterError, "`threads` must be at least 1"),
    "progress": ({"progress": 3}, ParameterTypeError, "`progress` must be callable, but is int"),
    "fidelity_error": ({"fidelity_error": -1.0}, ParameterError, "`fidelity_error` must be at least 0"),
    "relative_rate_error": (
        {"relative_rate_error": np.nan},
        ParameterError,
        "`relative_rate_error` must be at least 0",
    ),
    "an array": ({"fidelity_error": [0.1, 0.2]}, DimensionError, "`fidelity_error` must be one number for all points"),
    "keep_times": ({"keep_times": 1}, ParameterTypeError, "`keep_times` must be True or False"),
    "max_events": ({"max_events": 0}, ParameterError, "`max_events` must be between 1 and"),
    "continue_from": (
        {"continue_from": 3},
        ParameterTypeError,
        "`continue_from` must be the result of an earlier `sample`",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(name):
    settings, error, text = REFUSALS[name]
    with pytest.raises(error, match=text):
        chain().sample(**{"num_pairs": 10, "rng": rng()} | settings)


def test_results_of_another_chain_or_without_times_are_not_continued():
    first = chain().sample(10, rng=rng())
    with pytest.raises(ParameterError, match="`continue_from` must be a result of this chain"):
        chain(0.3).sample(10, continue_from=first)
    with pytest.raises(ParameterError, match="`keep_times` must be False"):
        chain().sample(10, continue_from=first, keep_times=True)
    with pytest.raises(ParameterTypeError, match="`continue_from`"):
        chain().sample(10, continue_from=chain().exact())
