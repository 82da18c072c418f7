"""How many lives with faults there are, and how long they last.

A test marked ``chaos`` that takes ``seed`` runs once for each seed, and may take
``days``. ``scripts/test --chaos SEEDS`` runs them, ``--seed`` one of them again.
"""

from collections.abc import Generator

import pytest

SEEDS = 5
DAYS = 8
LIFE = "life"
"""The property of a test that says what a life was like."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the options of scripts/test --chaos."""
    group = parser.getgroup("chaos")
    group.addoption("--seeds", type=int, default=SEEDS, help="how many seeds")
    group.addoption("--seed", type=int, help="this one only")
    group.addoption("--days", type=int, default=DAYS, help="how long a life is")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what takes a seed once for each."""
    if "seed" not in metafunc.fixturenames:
        return
    # Pytest does not know the options where it is run on more than this folder.
    one = metafunc.config.getoption("seed", None)
    seeds = range(metafunc.config.getoption("seeds", SEEDS))
    metafunc.parametrize("seed", seeds if one is None else [one])


@pytest.fixture
def days(request: pytest.FixtureRequest) -> int:
    """Return how many days a life has."""
    days: int = request.config.getoption("days", DAYS)
    return days


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell how a seed that failed is run again."""
    report = yield
    if (
        report.failed
        and isinstance(item, pytest.Function)
        and hasattr(item, "callspec")
    ):
        if (seed := item.callspec.params.get("seed")) is not None:
            days = item.config.getoption("days", DAYS)
            report.sections.append(
                ("Again", f"scripts/test --chaos --seed {seed} --days {days}")
            )
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what the lives were like."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, value in report.user_properties:
                if name == LIFE:
                    terminalreporter.write_line(str(value))
