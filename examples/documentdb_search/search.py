"""What would be deployed: keep an index of words, so that products are found by their names."""

from __future__ import annotations

from typing import Any


class Index:
    """Products by the words of their names; it stands for OpenSearch or the like."""

    def __init__(self) -> None:
        self.words: dict[Any, set[str]] = {}

    def put(self, product: Any, name: str) -> None:
        """Index a product, in the place of what was indexed of it before."""
        self.words[product] = set(name.lower().split())

    def remove(self, product: Any) -> None:
        """Forget a product, if it is there."""
        self.words.pop(product, None)

    def clear(self) -> None:
        """Forget all of them."""
        self.words.clear()

    def search(self, word: str) -> list[Any]:
        """The products that have this word in their names."""
        return [product for product, words in self.words.items() if word.lower() in words]


index = Index()


def handler_as_first_written(event: dict[str, Any], _context: Any) -> None:
    """Wrong: not every change has a document."""
    for entry in event["events"]:
        document = entry["event"]["fullDocument"]
        index.put(document["_id"], document["name"])


def handler(event: dict[str, Any], _context: Any) -> None:
    """The function's entry point; its mapping has FullDocument: UpdateLookup."""
    for entry in event["events"]:
        change = entry["event"]
        kind, document = change["operationType"], change.get("fullDocument")
        if kind in ("drop", "rename", "dropDatabase"):
            index.clear()
        elif document is not None:
            index.put(document["_id"], document["name"])
        elif kind in ("update", "delete"):  # an update without a document: it was deleted before it was looked up
            index.remove(change["documentKey"]["_id"])
