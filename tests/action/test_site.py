"""The site of a run: for its address on Pages, with the texts of site.yml; errors are reported before any work."""

import pytest

from scraper.action.inputs import read_settings
from scraper.action.site import configure, pages_address
from scraper.errors import ConfigurationError

ADDRESSES = {
    ("https://github.com", "Somebody/Statistics"): "https://somebody.github.io/Statistics/",
    ("https://github.com", "Somebody/somebody.github.io"): "https://somebody.github.io/",
    ("https://github.com", "somebody/other.github.io"): "https://somebody.github.io/other.github.io/",
    ("https://ghe.example", "somebody/statistics"): None,
    ("https://github.com", ""): None,
}


@pytest.mark.parametrize("where, address", ADDRESSES.items())
def test_where_pages_serves_a_repository(where, address):
    assert pages_address(*where) == address


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """The settings of a step with these inputs, in an empty workspace."""
    monkeypatch.chdir(tmp_path)

    def settings(**inputs):
        given = {f"INPUT_{name.upper()}": value for name, value in inputs.items()}
        environment = {"GITHUB_WORKSPACE": str(tmp_path), "GITHUB_REPOSITORY": "somebody/statistics", **given}
        return read_settings(environment)

    return settings


def test_no_site_unless_asked(settings):
    assert configure(settings()) is None


def test_the_address_is_that_of_pages_unless_site_yml_has_another(settings, tmp_path):
    asked = settings(site_directory="public")
    site = configure(asked)
    assert (site.folder, site.configuration.url) == (tmp_path / "public", "https://somebody.github.io/statistics/")
    (tmp_path / "site.yml").write_text("url: https://statistics.example.org\ntitle: Ours\n")
    other = configure(asked).configuration
    assert (other.url, other.title) == ("https://statistics.example.org/", "Ours")


def test_a_fault_in_site_yml_is_reported_before_any_work(settings, tmp_path):
    (tmp_path / "site.yml").write_text("titel: Ours\n")
    with pytest.raises(ConfigurationError, match=r"site\.yml, line 1: the key 'titel' is unknown"):
        configure(settings(site_directory="public"))


def test_a_folder_of_somebody_elses_is_not_replaced(settings, tmp_path):
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "theirs.html").write_text("theirs")
    with pytest.raises(ConfigurationError, match=r"^Input site-directory: .*public contains something"):
        configure(settings(site_directory="public"))
