"""Describe the dataset with schema.org's vocabulary, for search engines."""

from pathlib import Path
from urllib.parse import quote

from scraper.database.statistics_tables import ORGANISATION_STATISTICS
from scraper.site.configuration import Configuration
from scraper.site.exports import Offers
from scraper.site.queries import Row

FORMATS = {".csv": "text/csv", ".json": "application/json", ".db": "application/vnd.sqlite3"}


def describe(site: Configuration, total: Row, listed: list[Row], downloads: Offers) -> Row:
    """A schema.org Dataset, for a site that has an address."""
    url = str(site.url)
    began = [each["first_created_at"] for each in listed if each["first_created_at"]]
    described: Row = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": site.title,
        "description": site.description,
        "url": url,
        "isAccessibleForFree": True,
        "keywords": ["open source", "GitHub", "licences", "public sector"],
        "variableMeasured": [column.name for column in ORGANISATION_STATISTICS.columns],
        "distribution": [
            {
                "@type": "DataDownload",
                "name": Path(path).name,
                "contentUrl": url + quote(path),
                "encodingFormat": FORMATS[Path(path).suffix],
            }
            for path in downloads
        ],
    }
    if total["newest"]:
        described["dateModified"] = total["newest"][:10]
    if began:
        described["temporalCoverage"] = f"{min(began)[:10]}/{total['newest'][:10]}"
    if site.data_licence and site.data_licence.url:
        described["license"] = site.data_licence.url
    if site.publisher:
        who = {"@type": "Organization", "name": site.publisher.name}
        described["creator"] = described["publisher"] = who | (
            {"url": site.publisher.url} if site.publisher.url else {}
        )
    return described
