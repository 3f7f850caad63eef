package models

import (
	"encoding/binary"
	"time"
)

// An AuditMark is the site's word, signed with the site key, that the audit log
// had the hash Hash at event Seq: whoever can write to the database can make a
// chain anew, but no mark.
type AuditMark struct {
	Seq       int64
	Hash      string
	At        time.Time
	Cut       bool // the events up to Seq were removed, for they were kept long enough
	Signature []byte
}

// Message returns what is signed.
func (m AuditMark) Message() []byte {
	text := append([]byte("cloakroom audit mark 1\x00"), 0)
	if m.Cut {
		text[len(text)-1] = 1
	}
	text = binary.BigEndian.AppendUint64(text, uint64(m.Seq)) //nolint:gosec // its bits
	text = binary.BigEndian.AppendUint64(text, uint64(m.At.UnixMicro()))
	return append(text, m.Hash...)
}

// MarkAudit signs how the audit log stands, and removes what was kept long
// enough.
type MarkAudit struct{}

// Kind implements Job.
func (MarkAudit) Kind() string { return "audit.mark" }
