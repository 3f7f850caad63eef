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

// An Outcome says whether an audited action succeeded.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "done"
	Refused Outcome = "refused"
)

// An AuditAction names an audited action as noun and verb: "user.suspend".
type AuditAction string

// The actions on users that several packages record.
const (
	ActionSuspend   AuditAction = "user.suspend"
	ActionReinstate AuditAction = "user.reinstate"
)

// An AuditEvent records an administrative or security-relevant action. It refers
// to people and things only by identifier: names are looked up when the event is
// shown, so a deleted user leaves no name in the log (OWASP ASVS 5.0, 16.2.1 and
// 16.3).
type AuditEvent struct {
	Seq     int64 // sequence number, from 1, without gaps
	At      time.Time
	ActorID UserID // empty: a guest, or the site itself
	Action  AuditAction
	Object  string // noun and identifier, "user:ABC"; may be empty
	Address string // of the client; empty: a command on the server
	Outcome Outcome
	Detail  string // reason or circumstances, in short; never a secret
	Hash    string // of this event and all earlier ones, in hexadecimal
}

// An AuditView is an event with current usernames.
type AuditView struct {
	AuditEvent
	Actor   Username // empty: no user, or one that has left
	Subject Username // of the user named by Object; empty: Object names no user
}

// An AuditFilter selects events. The zero value selects all.
type AuditFilter struct {
	Actor   UserID
	Action  AuditAction
	Object  string
	Outcome Outcome
	Before  int64 // only events with a lower Seq; 0: from the newest
	Limit   int   // page size; 0: that of the panel
}

// maxAuditDetail is the longest stored detail, in bytes.
const maxAuditDetail = 1000

// Did returns the event of a successful action by a on object.
func (a Actor) Did(action AuditAction, object, detail string) AuditEvent {
	if len(detail) > maxAuditDetail {
		detail = strings.ToValidUTF8(detail[:maxAuditDetail], "")
	}
	if !utf8.ValidString(detail) {
		detail = strings.ToValidUTF8(detail, "?")
	}
	detail = strings.ReplaceAll(detail, "\x00", "?") // PostgreSQL rejects NUL in text
	return AuditEvent{ActorID: a.User.ID, Action: action, Object: object, Address: a.Client.Address(), Outcome: Done, Detail: detail}
}

// WasRefused returns the event of an action by a on object that was refused.
func (a Actor) WasRefused(action AuditAction, object, detail string) AuditEvent {
	e := a.Did(action, object, detail)
	e.Outcome = Refused
	return e
}

// Each constructor returns the object of an event.
func UserObject(id UserID) string   { return "user:" + string(id) }
func TokenObject(id TokenID) string { return "token:" + string(id) }
func JobObject(id int64) string     { return "job:" + strconv.FormatInt(id, 10) }

// HashAfter returns the hash of e in a log whose previous hash is before. It is
// the SHA-256 of before and all fields. Each field is preceded by its length, so
// that different events never hash the same input.
func (e AuditEvent) HashAfter(before string) string {
	h := sha256.New()
	var n [8]byte
	number := func(v uint64) {
		binary.BigEndian.PutUint64(n[:], v)
		h.Write(n[:])
	}
	number(uint64(e.Seq)) //nolint:gosec // only the bits are hashed
	number(uint64(e.At.UnixMicro()))
	fields := []string{before, string(e.ActorID), string(e.Action), e.Object, e.Address, string(e.Outcome), e.Detail}
	for _, field := range fields {
		number(uint64(len(field)))
		h.Write([]byte(field))
	}
	return hex.EncodeToString(h.Sum(nil))
}
