"""A stranger's text has no effect, but stays readable."""

from scraper.text import count, safe, safe_name


def test_languages_keep_their_names():
    assert [safe(name) for name in ("C++", "C#", "F*", "Objective-C", "Jupyter Notebook")] == [
        "C++",
        "C#",
        "F*",
        "Objective-C",
        "Jupyter Notebook",
    ]
    assert safe_name("nhsx/covid_app-1.0") == "nhsx/covid_app-1.0"
    assert [count(1, "repository"), count(2000, "repository"), count(2, "change")] == [
        "1 repository",
        "2,000 repositories",
        "2 changes",
    ]
