package models

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// An Outcome says what became of what somebody tried.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "done"
	Refused Outcome = "refused"
)

// An AuditAction names what was done: a noun and a verb, "user.suspend".
type AuditAction string

// What more than one package does to users.
const (
	ActionSuspend   AuditAction = "user.suspend"
	ActionReinstate AuditAction = "user.reinstate"
)

// An AuditEvent is an act that admins answer for, or that concerns somebody's
// safety. It names people and things by their identifiers alone: names are
// looked up where it is shown, and a user who has left is nobody in it (OWASP
// ASVS 5.0, 16.2.1 and 16.3).
type AuditEvent struct {
	Seq     int64 // from 1 on, without a gap
	At      time.Time
	ActorID UserID // empty: a guest, or the site itself
	Action  AuditAction
	Object  string // a noun and an identifier, "user:ABC"; may be empty
	Address string // from where; empty: from the machine itself
	Outcome Outcome
	Detail  string // in a few words, why or how; never a secret
	Hash    string // of this event and all before it, in hexadecimal
}

// An AuditView is an event with the names that people have today.
type AuditView struct {
	AuditEvent
	Actor   Username // empty: nobody, or somebody who has left
	Subject Username // of the user whom Object names; empty: it names none
}

// An AuditFilter says which events are wanted. The zero filter wants all.
type AuditFilter struct {
	Actor   UserID
	Action  AuditAction
	Object  string
	Outcome Outcome
	Before  int64 // only events older than this one; 0: from the newest on
	Most    int   // how many at once; 0: as many as a page of the panel has
}

// maxAuditDetail is how much of a detail is kept, in bytes.
const maxAuditDetail = 1000

// Did returns the event that a did something to object.
func (a Actor) Did(action AuditAction, object, detail string) AuditEvent {
	if len(detail) > maxAuditDetail {
		detail = strings.ToValidUTF8(detail[:maxAuditDetail], "")
	}
	if !utf8.ValidString(detail) {
		detail = strings.ToValidUTF8(detail, "?")
	}
	detail = strings.ReplaceAll(detail, "\x00", "?") // which no row of PostgreSQL takes
	return AuditEvent{ActorID: a.User.ID, Action: action, Object: object, Address: a.Client.Address(), Outcome: Done, Detail: detail}
}

// WasRefused is Did for what a tried in vain.
func (a Actor) WasRefused(action AuditAction, object, detail string) AuditEvent {
	e := a.Did(action, object, detail)
	e.Outcome = Refused
	return e
}

// The constructors name what an event is about.
func UserObject(id UserID) string   { return "user:" + string(id) }
func TokenObject(id TokenID) string { return "token:" + string(id) }
func JobObject(id int64) string     { return "job:" + strconv.FormatInt(id, 10) }

// HashAfter returns the hash that e must have after an event with the hash
// before: SHA-256 over that hash and all fields, each with its length in front,
// so that no two events read the same.
func (e AuditEvent) HashAfter(before string) string {
	h := sha256.New()
	var n [8]byte
	number := func(v uint64) {
		binary.BigEndian.PutUint64(n[:], v)
		h.Write(n[:])
	}
	number(uint64(e.Seq)) //nolint:gosec // its bits, whatever they mean
	number(uint64(e.At.UnixMicro()))
	for _, field := range []string{before, string(e.ActorID), string(e.Action), e.Object, e.Address, string(e.Outcome), e.Detail} {
		number(uint64(len(field)))
		h.Write([]byte(field))
	}
	return hex.EncodeToString(h.Sum(nil))
}
