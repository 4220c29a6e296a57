"""The JSON Schema of scenario files accepts what is loaded and refuses what is refused for its structure."""

import json
import tomllib
from importlib.resources import files

import jsonschema
import pytest
from lab.pair_files import KEYS, PAIRS, SESSION
from lab.scenario_files import SMALL, changed_file, changed_shipped, toml

import qnet_lab
from qnet_lab import ScenarioError, describe_scenarios, load_scenario, scenario_schema, shipped_scenarios
from qnet_lab.evaluation import KINDS

SMALL_FILES = {"chain": SMALL, "pairs": PAIRS, "key-rate": KEYS, "session": SESSION}


def judge(kind=None):
    """A validator of files of a kind, or of all."""
    schema = scenario_schema(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.fixture(scope="module")
def every_kind():
    """The validator of all files."""
    return judge()


def references(schema):
    """All references in a schema."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"]
        for part in schema.values():
            yield from references(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from references(part)


@pytest.mark.parametrize("name", shipped_scenarios())
def test_shipped_files_are_accepted(every_kind, name):
    content = changed_shipped(name, {})
    assert list(every_kind.iter_errors(content)) == []
    kind = content.get("kind", "chain")
    assert judge(kind).is_valid(content)
    other = next(name for name in KINDS if name not in (kind, "chain"))
    assert not judge(other).is_valid(content)


@pytest.mark.parametrize("kind", SMALL_FILES)
def test_small_files_are_accepted(every_kind, kind):
    assert every_kind.is_valid(tomllib.loads(toml(SMALL_FILES[kind])))


MUTATIONS = [
    ("nv_delft", "nonsense", 1), ("nv_delft", "link.visiblity", 0.9), ("nv_delft", "link.visibility", 1.2),
    ("nv_delft", "link.visibility", "high"), ("nv_delft", "link.scheme", "triple-click"), ("nv_delft", "sweep", None),
    ("nv_delft", "sweep.repeaters", []), ("nv_delft", "title", 3), ("nv_delft", "kind", "no-such"),
    ("fibre_or_satellite", "kind", None), ("fibre_or_satellite", "fiber.attenuation_db_per_km", -1.0),
    ("fibre_or_satellite", "ground.receiver_radius_m", 0.0), ("fibre_or_satellite", "sweep.distances_km.num", 1),
    ("micius_1200km", "source.fidelity", True), ("teleportation_400g", "traffic.path", "sideways"),
    ("nv_distilled_pairs", "link.scheme", "pigeon"), ("nv_distilled_pairs", "link.bright_population", None),
    ("nv_distilled_pairs", "link.bright_population", []), ("nv_distilled_pairs", "link.bright_population.num", 1),
    ("nv_distilled_pairs", "link.bright_population.spacing", "odd"), ("nv_distilled_pairs", "link.lifetime_s", 1.0),
    ("nv_distilled_pairs", "memory.duration_s", "long"), ("nv_distilled_pairs", "memory.role", "attic"),
    ("nv_distilled_pairs", "distillation.protocol", None), ("nv_distilled_pairs", "distillation.rounds", 1),
    ("nv_distilled_pairs", "protocol.name", "bb85"), ("ions_two_links", "station.num_links", 0),
    ("ions_two_links", "station.num_links", 2.5), ("ions_two_links", "link.right", {"visibility": 0.9}),
    ("qkd_protocols", "protocols.MDI.protocol", "mdi"), ("qkd_protocols", "protocols.MDI.transmissivity", 1.5),
    ("qkd_protocols", "protocols.MDI.mean_photons", [0.1, 0.2]), ("qkd_protocols",
     "protocols.GG02.modulation_variance", None),
    ("qkd_protocols", "protocols", {}), ("qkd_protocols", "fiber.length_m", 3.0), ("bb84_with_eve", "session.seed",
     None),
    ("bb84_with_eve", "session.seed", -1), ("bb84_with_eve", "session.num_signals", 1.5), ("bb84_with_eve",
     "fiber.length_km", [1.0, 2.0]),
    ("bb84_with_eve", "eavesdroppers.clones.attack", "bribery"), ("bb84_with_eve", "eavesdroppers.clones.error_rate",
     None),
    ("nv_stored_carbons", "distillation.tree", 3), ("nv_stored_carbons", "node.storage", None),
    ("nv_stored_carbons", "converter.efficiency", "half"), ("nv_stored_carbons", "noise", {"n": {"channel": "tears"}}),
    ("unequal_segments", "links", {}), ("unequal_segments", "links.west.scheme", "pigeon"),
    ("unequal_segments", "chain.cutoff_s", ["long"]), ("unequal_segments", "calculation.seed", -1),
    ("unequal_segments", "calculation.kind", "guessed"), ("unequal_segments", "memories", {}),
    ("repeater_generations", "distance_km", "far"), ("repeater_generations", "repeater", {"scheme": "fourth"}),
    ("conference_key_ions", "ghz.method", "magic"), ("conference_key_ions", "protocol.name", "chess"),
    ("bb84_with_eve", "sources.nothing", 3), ("bb84_with_eve", "sources.nothing", {"grade": "Z", "source": "a paper"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "key", "value"), MUTATIONS, ids=[f"{name} {key}={value}" for name, key, value in MUTATIONS]
)
def test_what_is_refused_is_refused_by_the_schema(every_kind, tmp_path, name, key, value):
    content = changed_shipped(name, {key: value})
    with pytest.raises(ScenarioError):
        load_scenario(changed_file(tmp_path, name, {key: value}))
    assert not every_kind.is_valid(content)


def test_every_reference_leads_somewhere():
    for schema in (scenario_schema(), *map(scenario_schema, KINDS)):
        assert {reference.rpartition("/")[2] for reference in references(schema)} <= set(schema["$defs"])


def test_a_schema_is_json_that_says_what_keys_mean():
    schema = scenario_schema("pairs")
    assert json.loads(json.dumps(schema)) == schema
    json.dumps(scenario_schema(), allow_nan=False)
    assert "://" not in json.dumps(schema)
    assert "$id" not in schema
    link = schema["$defs"]["SingleClickTable"]
    assert link["required"] == ["scheme", "bright_population"]
    assert link["description"].startswith("Return the memories' state after exactly one")
    assert link["properties"]["visibility"]["description"].startswith("Hong-Ou-Mandel visibility")
    assert link["properties"]["visibility"]["default"] == 1.0
    assert schema["description"].startswith("Pairs from a link to their use")
    assert "    " not in schema["description"]
    assert schema["additionalProperties"] is False


def test_only_chains_need_not_say_their_kind():
    for kind in KINDS:
        assert ("kind" in scenario_schema(kind)["required"]) == (kind != "chain")


def test_an_unknown_kind_has_no_schema():
    with pytest.raises(ScenarioError, match=r"Parameter `kind` must be one of application, chain, .*, but is 'no'"):
        scenario_schema("no")


def test_every_call_gives_a_schema_of_its_own():
    scenario_schema("reach")["properties"].clear()
    assert scenario_schema("reach")["properties"]


def test_shipped_scenarios_are_described_as_their_files_say():
    described = describe_scenarios()
    assert tuple(one.name for one in described) == shipped_scenarios()
    for name, kind, title in described:
        raw = tomllib.loads(files(qnet_lab).joinpath(f"scenarios/{name}.toml").read_text(encoding="utf-8"))
        assert (kind, title) == (raw.get("kind", "chain"), raw["title"])
