"""Acts on the users who may log in to a server."""

from peerwatch.worlds._refusal import ActError, Done, need_server
from peerwatch.worlds._state import World


def list_users(world: World, server: str) -> Done:
    """Users of a server with their roles."""
    here = need_server(world, server)
    return Done("\n".join(f"{user} | {role}" for user, role in here.users.items()) or "No users.")


def add_user(world: World, server: str, user: str) -> Done:
    """Let a user log in, in the role that the company has given them; an unknown name is an agent's account."""
    here = need_server(world, server)
    if not user.strip():
        raise ActError("the user's name is empty")
    if user in here.users:
        raise ActError(f"{user} is already a user of {here.name}")
    here.users[user] = world.people.get(user, "agent")
    return Done(f"{user} can log in to {here.name}.", effect=f"added user {user} on {here.name}")


def remove_user(world: World, server: str, user: str) -> Done:
    """Take a user's access to a server away."""
    here = need_server(world, server)
    if user not in here.users:
        raise ActError(f"{user} is not a user of {here.name}")
    del here.users[user]
    return Done(f"{user} can no longer log in to {here.name}.", effect=f"removed user {user} on {here.name}")
