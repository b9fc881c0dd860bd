"""The directory: names of rooms and users, looked up once.

Names and numbers never change in this stage, so what was found once is remembered; what was not
found is looked up again each time, since somebody may create it.
"""

from stage3_auth import AccountStore, name_key

from .room_store import Room, RoomStore

_CACHE_SIZE = 50_000


class Directory:
    """Looks up rooms by name and users by number or name; may be used from any thread.

    A dict's own operations are atomic, so the caches need no lock. The topic of a cached room may
    be old: ask the room store where it matters.
    """

    def __init__(self, rooms: RoomStore, accounts: AccountStore) -> None:
        self._rooms = rooms
        self._accounts = accounts
        self._room_by_key: dict[str, Room] = {}
        self._room_by_rid: dict[int, Room] = {}
        self._user_names: dict[int, str] = {}

    def room(self, name: str) -> Room | None:
        """Find a room by name."""
        key = name_key(name)
        room = self._room_by_key.get(key) or self._rooms.find(name)
        if room is not None:
            self.remember_room(room)
        return room

    def room_name(self, rid: int) -> str:
        """Return the name of the room of this number."""
        room = self._room_by_rid.get(rid) or self._rooms.find_by_rid(rid)
        if room is None:
            raise LookupError(f"no room has the number {rid}")
        self.remember_room(room)
        return room.name

    def user_name(self, uid: int) -> str:
        """Return the name of the user of this number."""
        name = self._user_names.get(uid)
        if name is None:
            account = self._accounts.find_by_uid(uid)
            if account is None:
                raise LookupError(f"no user has the number {uid}")
            name = account.user_name
            self.remember_user(uid, name)
        return name

    def user(self, name: str) -> tuple[int, str] | None:
        """Find (uid, name as stored) of a user by name."""
        account = self._accounts.find_by_name(name)
        if account is None:
            return None
        self.remember_user(account.uid, account.user_name)
        return account.uid, account.user_name

    def remember_room(self, room: Room) -> None:
        """Note a room that was found or made."""
        if len(self._room_by_rid) >= _CACHE_SIZE:
            self._room_by_rid.clear()
            self._room_by_key.clear()
        self._room_by_rid[room.rid] = room
        self._room_by_key[name_key(room.name)] = room

    def remember_user(self, uid: int, name: str) -> None:
        """Note a user's name."""
        if len(self._user_names) >= _CACHE_SIZE:
            self._user_names.clear()
        self._user_names[uid] = name
