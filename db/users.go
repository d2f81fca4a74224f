package db

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

// Role says what a user may do beyond the rooms it is in.
type Role string

const (
	RoleMember        Role = "member"
	RoleAdministrator Role = "administrator"
)

// User is an account. The json tags are for package bus, to which a user belongs as an author.
type User struct {
	bun.BaseModel `bun:"table:users,alias:u"`

	ID          int64  `bun:",pk,autoincrement" json:"i"`
	Name        string `json:"n"`           // as typed at sign-up, NFC
	NameKey     string `json:"nk,omitzero"` // unique: the name folded, so that case does not matter
	DisplayName string `json:"d"`           // never empty: the name when nothing else was given
	Bio         string `json:"-"`           // long, and no part of a message
	Language    string `json:"l,omitzero"`  // "ko" or "en"
	TimeZone    string `json:"z,omitzero"`  // IANA name
	// HidesReads: others do not see what the user has read.
	HidesReads bool `json:"hr,omitzero"`
	Role       Role `json:"r,omitzero"`
	// PasswordHash is an argon2id hash in PHC format. It never leaves db and handlers.
	PasswordHash string `json:"-"`
	// Epoch is in every session cookie. It begins at random, or at 1 for accounts of earlier
	// versions. A new password raises it, which ends the sessions with an older one.
	Epoch int64 `json:"e,omitzero"`
	// Version rises with every change that others see.
	Version int64 `json:"v,omitzero"`
	// PhotoVersion is in the address of the photo; empty when there is none.
	PhotoVersion string `json:"ph,omitzero"`
	// RoomOrder is the order in which the user likes its list of rooms.
	RoomOrder     RoomOrder  `json:"-"`
	CreatedAt     time.Time  `json:"c"`
	DeactivatedAt *time.Time `json:"x,omitempty"`
}

// NewUser is what SignUp stores.
type NewUser struct {
	Name, DisplayName, PasswordHash, Language, TimeZone string
	// MakeUnique has a number added to a name that is taken, or too short: it was made from the
	// display name, and nobody asked for it.
	MakeUnique bool
	// Invite is the code of an invitation link; empty without one.
	Invite string
	// Open lets everybody in without an invitation (REGISTRATION=open).
	Open bool
	// Closed lets nobody in but the first user of all (REGISTRATION=closed).
	Closed bool
	// NotFirst keeps this from becoming the first user of all.
	NotFirst bool
	// FirstRoomTitle is the title of the open room that is made for the first user of all; empty:
	// none is made.
	FirstRoomTitle string
}

// SignedUp is the outcome of SignUp.
type SignedUp struct {
	User *User
	// Room is the one that the invitation leads to, else the first room; nil when there is none.
	Room *Room
	// Invite is the first invitation link, for the first user of all only.
	Invite *Invite
}

// Profile is what a user changes about itself.
type Profile struct {
	DisplayName, Bio, Language, TimeZone string
	// HidesReads hides from others what the user has read.
	HidesReads bool
}

// Photo is a normalised picture of a user: square, re-encoded, without metadata.
type Photo struct {
	bun.BaseModel `bun:"table:photos"`

	UserID  int64 `bun:",pk"`
	Version string
	Type    string // media type
	Content []byte
}

// HasUsers reports whether anybody has signed up yet.
func (s *Store) HasUsers(ctx context.Context) (bool, error) {
	some, err := hasUsers(ctx, s.read)
	return some, translate(err)
}

func hasUsers(ctx context.Context, db bun.IDB) (bool, error) {
	return db.NewSelect().Model((*User)(nil)).Exists(ctx)
}

// UserByName returns an active account with its password's hash, for signing in. Case does not
// matter. Errors: ErrNotFound.
func (s *Store) UserByName(ctx context.Context, name string) (*User, error) {
	u := new(User)
	err := s.read.NewSelect().Model(u).Where("name_key = ?", foldName(name)).Where("deactivated_at IS NULL").Scan(ctx)
	if err != nil {
		return nil, translate(err)
	}
	return u, nil
}

// User returns a person, active or not, as others see it. Errors: ErrNotFound.
func (s *Store) User(ctx context.Context, viewer *User, id int64) (*User, error) {
	return person(ctx, s.read, id)
}

// person reads a user without its password. Errors: ErrNotFound.
func person(ctx context.Context, db bun.IDB, id int64) (*User, error) {
	u := new(User)
	if err := db.NewSelect().Model(u).Apply(withoutPassword).Where("u.id = ?", id).Scan(ctx); err != nil {
		return nil, translate(err)
	}
	return u, nil
}

// withoutPassword leaves the password's hash out of a query of users.
func withoutPassword(q *bun.SelectQuery) *bun.SelectQuery { return q.ExcludeColumn(passwordColumn) }
