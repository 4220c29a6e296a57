"""Files of pairs, key rates and sessions for tests: dotted keys and TOML literals."""

from lab.scenario_files import toml

from qnet_lab import evaluate_scenario, load_scenario

PAIRS = {"kind": '"pairs"', "title": '"case"', "link.scheme": '"werner"', "link.fidelity": "[0.8, 0.9, 1.0]"}
KEYS = {
    "kind": '"key-rate"',
    "title": '"case"',
    "fiber.length_km": "[0.0, 50.0, 100.0]",
    "protocols.alone.protocol": '"bb84"',
}
SESSION = {
    "kind": '"session"',
    "title": '"case"',
    "session.num_signals": "30_000",
    "session.seed": "7",
    "session.sample_fraction": "0.1",
    "session.epsilon_secrecy": "1e-6",
}


def file_of(folder, base, changes=None):
    """Write a file of the base with changes, None taking a key out, and return its path."""
    path = folder / "case.toml"
    path.write_text(toml(base | (changes or {})), encoding="utf-8")
    return path


def loaded(folder, base, changes=None):
    """Load such a file."""
    return load_scenario(file_of(folder, base, changes))


def computed(folder, base, changes=None):
    """Evaluate such a file."""
    return evaluate_scenario(loaded(folder, base, changes))
