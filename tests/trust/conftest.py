"""What the attacks share with the tests of the Action: an origin and its checkouts."""

from tests.action.conftest import backend, clone, origin

__all__ = ["backend", "clone", "origin"]
