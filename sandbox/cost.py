"""What a GraphQL query costs: points of the hourly quota and, by a model, seconds of GitHub's time.

The model is fitted to others' measurements: 50 repositories with counts take 4.5 s, 91 take 6.4 to 6.7 s, and 100
sometimes reach the limit of 10 s. The history of commits takes 4.4 to 6.2 s in a separate query, and too long
together with counts. Directories were not measured; because they are not connections, they are cheap here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    Node,
    OperationDefinitionNode,
    VariableNode,
    get_named_type,
)

# Seconds
QUERY = 0.2
REPOSITORY = 0.01
COUNTS = 0.075  # of a repository, however many
HISTORY = 0.08  # each
LIST = 0.03  # of things in a repository
PART = 0.002  # a list in one of them, such as the comments of an issue
DIRECTORY = 0.004


@dataclass(frozen=True, slots=True)
class Bill:
    """The cost of one query. `documented` is the points by GitHub's formula, the worst case; in practice it was 1."""

    seconds: float = QUERY
    points: int = 1
    documented: int = 1


@dataclass(slots=True)
class _Sum:
    seconds: float = QUERY
    requests: float = 0  # GitHub's term in its formula: one for each connection of each parent


def bill(schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> Bill:
    """The cost of a valid query."""
    total = _Walk(schema, document, variables).total()
    return Bill(round(total.seconds, 3), documented=max(1, round(total.requests / 100)))


@dataclass(frozen=True)
class _Walk:
    """Walks through the fields of a query, with the number of things for which each will be resolved."""

    schema: GraphQLSchema
    document: DocumentNode
    variables: Mapping[str, Any]

    def total(self) -> _Sum:
        total = _Sum()
        operation = next(each for each in self.document.definitions if isinstance(each, OperationDefinitionNode))
        self._add(total, operation, self.schema.query_type, 1)
        return total

    def _add(self, total: _Sum, parent: Node, kind: GraphQLNamedType | None, many: float) -> None:
        counted = False
        for node, field, owner in self._fields(parent, kind):
            inner, name = get_named_type(field.type), node.name.value
            items = many
            if name == "nodes" and owner == "Query":
                items = self._size(node, "ids")
                total.requests += 1
                total.seconds += items * REPOSITORY
            elif inner.name.endswith("Connection"):
                total.requests += many
                items = many * (self._size(node, "first") or self._size(node, "last") or 1)
                listed = {each.name.value for each, _, _ in self._fields(node, inner)} & {"nodes", "edges"}
                if owner == "Commit":
                    total.seconds += many * HISTORY
                elif owner == "Repository" and listed:
                    total.seconds += many * LIST
                elif owner == "Repository" and not counted:
                    counted = True
                    total.seconds += many * COUNTS
                elif listed:
                    total.seconds += many * PART
            elif name == "object":
                total.seconds += many * DIRECTORY
            self._add(total, node, inner, items)

    def _fields(self, parent: Node, kind: GraphQLNamedType | None) -> Iterator[tuple[FieldNode, GraphQLField, str]]:
        """The selected fields, including those in fragments, with their definitions and parent types."""
        chosen = getattr(parent, "selection_set", None)
        for node in chosen.selections if chosen else ():
            if isinstance(node, FieldNode):
                field = getattr(kind, "fields", {}).get(node.name.value)
                if field and kind:
                    yield node, field, kind.name
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                yield from self._fields(node, self.schema.get_type(condition.name.value) if condition else kind)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragment(node.name.value)
                yield from self._fields(fragment, self.schema.get_type(fragment.type_condition.name.value))

    def _fragment(self, name: str) -> FragmentDefinitionNode:
        return next(
            each
            for each in self.document.definitions
            if isinstance(each, FragmentDefinitionNode) and each.name.value == name
        )

    def _size(self, node: FieldNode, argument: str) -> int:
        """The number that an argument gives, or the length of its list; 0 without it."""
        for each in node.arguments or ():
            if each.name.value == argument:
                match each.value:
                    case VariableNode(name=name):
                        value = self.variables.get(name.value)
                        return len(value) if isinstance(value, list) else value or 0
                    case IntValueNode(value=text):
                        return int(text)
                    case ListValueNode(values=values):
                        return len(values)
        return 0
