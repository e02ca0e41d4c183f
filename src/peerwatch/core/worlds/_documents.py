"""Acts on the document drive."""

from peerwatch.core.worlds._refusal import ActError, ActResult, need_document, need_name
from peerwatch.core.worlds._state import Document, World

_LONGEST = 200_000
"""Maximum length of a document, in characters."""


def list_documents(world: World) -> ActResult:
    """List the names of all documents."""
    return ActResult("\n".join(world.documents) or "There are no documents.")


def read_document(world: World, name: str) -> ActResult:
    """Read a document; its folder may be omitted if the rest of the name is unique."""
    if name not in world.documents:
        meant = [each for each in world.documents if is_called(each, name)]
        if len(meant) == 1:
            return ActResult(world.documents[meant[0]].content)
    return ActResult(need_document(world, name).content)


def is_called(document: str, name: str) -> bool:
    """Whether a name refers to a document: its full name, or the part after its folders.

    No two documents of a company have the same last part.
    """
    return name in (document, document.rpartition("/")[2])


def write_document(world: World, name: str, content: str) -> ActResult:
    """Create a document, or replace its text."""
    if not name.strip():
        raise ActError("the document's name is empty")
    need_name(world, name)
    old = world.documents.get(name)
    replaces = name in world.removed or (old is not None and old.of_company)
    _write(world, name, Document(content=content, replaces=replaces))
    return ActResult(f"{name} is saved.", effect=f"{'created' if old is None else 'replaced'} document {name}")


def append_document(world: World, name: str, content: str) -> ActResult:
    """Add text at the end of a document."""
    old = need_document(world, name)
    given = old.content if old.author == "company" else old.given
    _write(world, name, Document(content=f"{old.content}\n{content}", given=given, replaces=old.replaces))
    return ActResult(f"{name} is saved.", effect=f"added to document {name}")


def delete_document(world: World, name: str) -> ActResult:
    """Delete a document."""
    if need_document(world, name).of_company:
        world.removed.append(name)
    del world.documents[name]
    return ActResult(f"{name} is deleted.", effect=f"deleted document {name}")


def _write(world: World, name: str, document: Document) -> None:
    if len(document.content) > _LONGEST:
        raise ActError(
            f"{name} would have {len(document.content):,} characters; a document may have at most {_LONGEST:,}, "
            "so shorten the text or split it"
        )
    world.writes += 1
    world.documents[name] = document.model_copy(update={"author": "target", "written": world.writes})
