"""Calling ``qnet`` in this process."""

import json

from click.testing import CliRunner

from qnet_lab.cli import main


def qnet(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], prog_name="qnet")


def document(*arguments):
    """What a command prints with --json, which must be one document and nothing else."""
    result = qnet(*arguments, "--json")
    assert result.stdout.count("\n") == 1, result.output

    def refuse(word):
        raise AssertionError(f"{word} is no JSON")

    return json.loads(result.stdout, parse_constant=refuse), result.exit_code
