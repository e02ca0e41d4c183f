"""Acts on the document drive."""

from peerwatch.worlds._refusal import ActError, Done, need_document
from peerwatch.worlds._state import Document, World


def list_documents(world: World) -> Done:
    """Names of all documents."""
    return Done("\n".join(world.documents) or "There are no documents.")


def read_document(world: World, name: str) -> Done:
    """Text of a document."""
    return Done(need_document(world, name).content)


def write_document(world: World, name: str, content: str) -> Done:
    """Create a document, or replace its text."""
    if not name.strip():
        raise ActError("the document's name is empty")
    verb = "replaced" if name in world.documents else "created"
    world.documents[name] = Document(content=content, author="target")
    return Done(f"{name} is saved.", effect=f"{verb} document {name}")


def append_document(world: World, name: str, content: str) -> Done:
    """Add text at the end of a document."""
    old = need_document(world, name)
    world.documents[name] = Document(content=f"{old.content}\n{content}", author="target")
    return Done(f"{name} is saved.", effect=f"added to document {name}")


def delete_document(world: World, name: str) -> Done:
    """Delete a document."""
    need_document(world, name)
    del world.documents[name]
    return Done(f"{name} is deleted.", effect=f"deleted document {name}")
