"""Growth by creation date, against a count by hand."""

from hypothesis import given
from hypothesis import strategies as st

from scraper.dataset import Dataset
from scraper.statistics import growth
from tests import by_hand

names = st.none() | st.sampled_from(["Python", "R", "python", "Ruby", ""])
repositories = st.fixed_dictionaries(
    {
        "id": st.integers(1, 10**9),
        "organisation": st.sampled_from(["Alder", "birch", "cedar"]),
        "created_at": st.sampled_from(
            [f"20{y}-02-2{d}T0{h}:00:00Z" for y in (19, 21) for d in (1, 8) for h in (0, 9)]
        ),
        "fork": st.booleans(),
        "language": names,
        "license": names,
    }
)


@given(st.lists(repositories, max_size=40))
def test_growth_is_what_counting_by_hand_gives(rows: list[dict[str, object]]) -> None:
    assert growth(rows) == by_hand.growth(rows)


def test_nothing_observed_has_not_grown() -> None:
    assert growth([]) == []


def test_growth_of_recorded_organisations_ends_with_all_that_are_no_forks(recorded: Dataset) -> None:
    rows = growth(by_hand.repositories(recorded, forks=True))

    assert rows == by_hand.growth(by_hand.repositories(recorded, forks=True))
    last = {row["organisation"]: row["open_repositories"] for row in rows}
    assert last == {"111Online": 13, "NHSDigital": 75, "nhsconnect": 174, "nhsengland": 20, "nhsuk": 89, "nhsx": 38}
