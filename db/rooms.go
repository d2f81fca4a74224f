package db

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Kind says who may enter a room.
type Kind string

const (
	KindOpen    Kind = "open"    // anyone signed in
	KindPrivate Kind = "private" // by invitation
	KindDirect  Kind = "direct"  // exactly its people
)

// Room is where messages are. Its counters change only in the transaction of the change that they
// count, under the row's lock. The json tags are for package bus.
type Room struct {
	bun.BaseModel `bun:"table:rooms,alias:r"`

	ID    uuid.UUID `bun:",pk,type:uuid" json:"i"`
	Title string    `json:"t,omitzero"` // empty for a direct room, whose title depends on who looks
	Kind  Kind      `json:"k"`
	// DirectKey is unique. "3:7" is the room of users 3 and 7; "3:7:9" is a private room that these
	// three began as a conversation, while it is still named by them and nobody has come or gone.
	DirectKey *string `json:"d,omitempty"`
	// NamedByPeople: the title is the names of the room's people.
	NamedByPeople bool      `json:"np,omitzero"`
	CreatedBy     int64     `json:"by"`
	CreatedAt     time.Time `json:"at"`
	// LastPosition is the position of the newest message; 0 in an empty room.
	LastPosition int64 `json:"l,omitzero"`
	// Revision counts all changes in the room.
	Revision int64 `json:"v"`
	// RoomRevision is the revision of the last change of the room itself: its title or its members.
	RoomRevision int64     `json:"rv"`
	ActiveAt     time.Time `json:"ac"` // newest message, or creation
	// ArchivedAt is set for an archived room: nobody writes in it or enters it, and it is in no
	// list of every day.
	ArchivedAt *time.Time `json:"ar,omitempty"`
	// Everybody is true for the one room that everybody who signs up joins.
	Everybody bool `json:"ev,omitzero"`
	// MembersMayRename is whether every member may change the title.
	MembersMayRename bool `json:"mr,omitzero"`
	// Pins is how many messages are pinned.
	Pins int64 `json:"pn,omitzero"`
	// HidesReads is whether nobody sees who has read what.
	HidesReads bool `json:"hr,omitzero"`
}

// ModeratedBy reports whether a member may delete what others wrote in the room, put people out and
// archive it: its creator and administrators. Nobody moderates a direct room.
func (r *Room) ModeratedBy(u *User) bool {
	return r.Kind != KindDirect && (r.CreatedBy == u.ID || u.Role == RoleAdministrator)
}

// MayRename reports whether a member may change the title: who moderates the room, and every member
// where the room allows it. A direct room has no title.
func (r *Room) MayRename(u *User) bool {
	return r.ModeratedBy(u) || r.Kind != KindDirect && r.MembersMayRename
}

// RoomView is a room as one of its members sees it.
type RoomView struct {
	Room
	// Title is what the viewer calls the room: of a direct room, the other's display name.
	Title string
	// Other is the other person of a direct room, or the viewer in a room with itself; nil in rooms
	// of another kind.
	Other *User
	// Favourite: the room stands on top of the viewer's list.
	Favourite bool
	// ReadPosition is how far the viewer has read.
	ReadPosition int64
	// Unread is the number of messages after ReadPosition that are neither the viewer's own nor
	// deleted, at most UnreadBound.
	Unread int
	// Mentions is how many of these messages mention the viewer.
	Mentions int
	// Newest is the newest text, with its author; nil where nobody has said anything.
	Newest *Message
	// Members is the number of active members, which triggers of the database keep up to date.
	Members int
}

// UnreadBound is where the counting of unread messages stops: 100 is shown as "99+".
const UnreadBound = 100

// Visit returns a room and first makes the viewer a member of an open one, once, however many
// requests race. For a new member everything said before counts as read. Errors: ErrNotFound for a
// private or direct room that the viewer is not in; ErrBanned for an open one it was put out of.
func (s *Store) Visit(ctx context.Context, viewer *User, id uuid.UUID) (*RoomView, error) {
	view, err := s.Room(ctx, viewer, id)
	if !errors.Is(err, ErrNotFound) {
		return view, err
	}
	if _, err := s.enterable(ctx, viewer, id); err != nil {
		return nil, err // without a write, or strangers could keep the writers busy
	}
	err = s.change(ctx, func(ctx context.Context, c *change) error {
		r, err := s.lockRoom(ctx, c, id)
		if err != nil {
			return err
		}
		if _, err := join(ctx, c, r, viewer); err != nil {
			return err
		}
		view, err = roomView(ctx, c, viewer.ID, id)
		return err
	})
	return view, err
}

// enterable returns an open room that a user who is not in it may join. Errors: ErrNotFound;
// ErrBanned.
func (s *Store) enterable(ctx context.Context, viewer *User, id uuid.UUID) (*Room, error) {
	r := new(Room)
	err := s.read.NewSelect().Model(r).ColumnExpr("?TableColumns").Where("r.id = ?", id).
		Where("r.kind = ?", KindOpen).Where("r.archived_at IS NULL").Scan(ctx)
	if err != nil {
		return nil, translate(err)
	}
	banned, err := isBanned(ctx, s.read, id, viewer.ID)
	if err == nil && banned {
		err = ErrBanned
	}
	return r, translate(err)
}

// CreateRoom makes an open or private room with the viewer and perhaps other people as its first
// members, of whom no event tells. Errors: ErrForbidden for another kind.
func (s *Store) CreateRoom(ctx context.Context, viewer *User, title string, kind Kind, people ...int64) (*RoomView, error) {
	if kind != KindOpen && kind != KindPrivate {
		return nil, ErrForbidden
	}
	var view *RoomView
	err := s.change(ctx, func(ctx context.Context, c *change) error {
		r, err := insertRoom(ctx, c, newRoom(c, viewer.ID, title, kind), append([]int64{viewer.ID}, people...)...)
		if err != nil {
			return err
		}
		view, err = roomView(ctx, c, viewer.ID, r.ID)
		return err
	})
	return view, err
}

// RenameRoom changes the title of a room that the viewer is in and may rename, and adds an event
// that says so. Errors: ErrNotFound; ErrForbidden, always for a direct room.
func (s *Store) RenameRoom(ctx context.Context, viewer *User, id uuid.UUID, title string) (*RoomView, error) {
	var view *RoomView
	err := s.change(ctx, func(ctx context.Context, c *change) error {
		r, err := s.lockRoomOf(ctx, c, viewer, id)
		if err != nil {
			return err
		}
		if !r.MayRename(viewer) {
			return ErrForbidden
		}
		if r.Title != title {
			r.Title, r.NamedByPeople, r.DirectKey = title, false, nil
			if err := changeRoom(ctx, c, r, Notice{}); err != nil {
				return err
			}
			if err := addEvent(ctx, c, r, viewer, Event{Type: EventRenamed, Title: title}); err != nil {
				return err
			}
		}
		view, err = roomView(ctx, c, viewer.ID, id)
		return err
	})
	return view, err
}

// RoomSettings is what a room's settings decide.
type RoomSettings struct {
	// MembersMayRename lets every member change the title.
	MembersMayRename bool
	// HidesReads hides who has read what.
	HidesReads bool
}

// SetRoomSettings changes the settings of a room. Who moderates the room may do that; what is so
// already changes nothing. Errors: ErrNotFound, ErrForbidden.
func (s *Store) SetRoomSettings(ctx context.Context, viewer *User, id uuid.UUID, settings RoomSettings) (*RoomView, error) {
	var view *RoomView
	err := s.change(ctx, func(ctx context.Context, c *change) error {
		r, err := s.lockRoomOf(ctx, c, viewer, id)
		if err != nil {
			return err
		}
		if !r.ModeratedBy(viewer) {
			return ErrForbidden
		}
		if before := (RoomSettings{r.MembersMayRename, r.HidesReads}); before != settings {
			r.MembersMayRename, r.HidesReads = settings.MembersMayRename, settings.HidesReads
			if err := changeRoom(ctx, c, r, Notice{}); err != nil {
				return err
			}
		}
		view, err = roomView(ctx, c, viewer.ID, id)
		return err
	})
	return view, err
}

// newRoom returns a room whose first revision is its creation.
func newRoom(c *change, creator int64, title string, kind Kind) *Room {
	return &Room{
		ID: uuid.New(), Title: title, Kind: kind, CreatedBy: creator, CreatedAt: c.at,
		Revision: 1, RoomRevision: 1, ActiveAt: c.at,
	}
}

// insertRoom stores a new room and its first people.
func insertRoom(ctx context.Context, c *change, r *Room, people ...int64) (*Room, error) {
	if _, err := c.NewInsert().Model(r).Exec(ctx); err != nil {
		return nil, err
	}
	return r, addFirstMembers(ctx, c, r, people)
}

// addFirstMembers adds the first people to a new room and publishes it to them.
func addFirstMembers(ctx context.Context, c *change, r *Room, people []int64) error {
	for _, id := range people {
		if _, err := insertMember(ctx, c, r, id, 0); err != nil {
			return err
		}
	}
	c.tell(Notice{Room: r.ID, Revision: r.Revision, Changed: r, Users: people})
	return nil
}

// lockRoom reads a room and keeps others from changing it until the transaction ends. Errors:
// ErrNotFound.
func (s *Store) lockRoom(ctx context.Context, c *change, id uuid.UUID) (*Room, error) {
	r := new(Room)
	if err := c.NewSelect().Model(r).Where("r.id = ?", id).Apply(s.dialect.forUpdate).Scan(ctx); err != nil {
		return nil, translate(err)
	}
	return r, nil
}

// lockRoomOf is lockRoom for a member of the room. It checks the membership after the lock, because
// until then it might still end. Errors: ErrNotFound.
func (s *Store) lockRoomOf(ctx context.Context, c *change, viewer *User, id uuid.UUID) (*Room, error) {
	r, err := s.lockRoom(ctx, c, id)
	if err != nil {
		return nil, err
	}
	member, err := isMember(ctx, c, id, viewer.ID)
	if err == nil && !member {
		return nil, ErrNotFound
	}
	return r, err
}

// changeRoom stores a change of a locked room itself under its next revision. n has the other parts
// of the notice.
func changeRoom(ctx context.Context, c *change, r *Room, n Notice) error {
	r.Revision++
	r.RoomRevision = r.Revision
	columns := []string{"title", "named_by_people", "direct_key", "archived_at", "members_may_rename", "hides_reads", "pins", "revision", "room_revision"}
	_, err := c.NewUpdate().Model(r).Column(columns...).WherePK().Exec(ctx)
	n.Room, n.Revision, n.Changed = r.ID, r.Revision, r
	c.tell(n)
	return err
}
