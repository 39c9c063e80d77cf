"""Run keys and jobs: what makes two runs one run."""

from dataclasses import replace

import pytest
from toy_bench import ToyBench, toy

from harness.errors import ArmError
from harness.runs.keys import KeyMaker, canonical, sha256


@pytest.fixture
def keys():
    return KeyMaker(ToyBench(scale="desk", options={}))


def test_the_order_of_settings_plays_no_part(keys):
    """Equal arms written in another order are one run."""
    one, two = toy(accuracy=70.0, name="a"), toy(name="a", accuracy=70.0)
    assert keys.key(one, 3) == keys.key(two, 3)
    assert keys.same_arm(one, two)


@pytest.mark.parametrize("change", [{"accuracy": 70.1}, {"name": "b"}, {"more": True}])
def test_whatever_the_bench_resolves_makes_another_run(keys, change):
    """One changed setting is another arm."""
    assert keys.key(toy(), 0).name != keys.key(toy(**change), 0).name
    assert not keys.same_arm(toy(), toy(**change))


def test_seed_scale_and_data_make_other_runs(keys):
    """The seed stands in the name; scale and data are part of the arm's identity."""
    assert keys.key(toy(), 1).arm_and_seed != keys.key(toy(), 11).arm_and_seed
    quick = KeyMaker(ToyBench(scale="quick", options={}))
    other = KeyMaker(ToyBench(scale="desk", options={"--flavour": "other"}))
    assert len({maker.key(toy(), 0).name for maker in (keys, quick, other)}) == 3


def test_other_data_make_another_run(keys, monkeypatch):
    """The md5 of the data is part of the key, whatever the settings say."""
    before = keys.key(toy(), 0).name
    identity = ToyBench.identity
    monkeypatch.setattr(
        ToyBench, "identity", lambda self, arm: replace(identity(self, arm), data_md5="other")
    )
    assert KeyMaker(ToyBench(scale="desk", options={})).key(toy(), 0).name != before


def test_the_name_tells_runs_of_other_code_apart(keys):
    """Runs of other code share the start of the name, so that they can be found and named."""
    key = keys.key(toy(), 7)
    other = replace(key, sources="0" * 64)
    assert key.name != other.name
    assert key.arm_and_seed == other.arm_and_seed
    assert key.name.startswith(f"{key.arm_and_seed}-")


@pytest.mark.parametrize("block", [1, 3, 10, 99])
def test_jobs_are_blocks_of_seeds_in_order(keys, block):
    """Every seed is in one job; the estimate is that of the block."""
    jobs = keys.jobs(toy(block=block, slow=2.0), range(10))
    assert [seed for job in jobs for seed in job.seeds] == list(range(10))
    assert all(len(job.keys) <= block for job in jobs)
    assert sum(job.estimate_s for job in jobs) == pytest.approx(20.0)
    assert len({job.name for job in jobs}) == len(jobs)


def test_an_arm_that_cannot_be_built_has_no_key(keys):
    """The bench's refusal comes through."""
    with pytest.raises(ArmError):
        keys.key(toy(refuse=True), 0)


def test_canonical_json_is_one_text_for_equal_values():
    """Key order and spaces play no part; NaN is refused, as it equals nothing."""
    assert canonical({"b": 1, "a": (2, 3)}) == '{"a":[2,3],"b":1}'
    assert sha256({"a": 1, "b": 2}) == sha256({"b": 2, "a": 1})
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"a": float("nan")})
